"""Sources of texts: one module or package each, and the registry that names them."""

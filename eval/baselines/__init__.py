"""Other tools behind the same interface; each needs packages of its own."""

"""Sources of annotated texts, each behind one reader."""

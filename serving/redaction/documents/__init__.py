"""Files that are redacted: texts and tables."""

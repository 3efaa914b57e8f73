"""Bulk scans: where personal data is in files, how much of it, and redacted copies; in parts, for many workers."""

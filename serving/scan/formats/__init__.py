"""Formats of files that are scanned."""

"""Databases that are scanned: connections that only read, and tables with their columns and keys."""

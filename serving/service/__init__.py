"""The HTTP service over any engine."""

"""Synthesised texts: templates filled with the consistent values of invented persons."""

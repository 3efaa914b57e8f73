"""The embedded engine: a small encoder on the CPU."""

"""Serving: detectors behind one interface, and the HTTP service over them."""

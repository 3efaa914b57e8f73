"""What a model marked, cut to the borders of its type."""

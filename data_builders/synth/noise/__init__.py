"""Surface noise: in the carrier text, in values, and whole texts in traditional characters."""

"""Training and export of the embedded tagger."""

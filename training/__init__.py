"""Training: fine-tunes the tagger and exports it for serving."""

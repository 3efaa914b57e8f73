"""How texts are read: folding, tokens, windows, sentences."""

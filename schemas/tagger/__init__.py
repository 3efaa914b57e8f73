"""What a tagger reads beside the characters, what its model takes, and what its scores are worth."""

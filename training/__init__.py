"""Training: fine-tunes the embedded tagger and the LLM, and writes the folders that serving loads."""

"""Fine-tunes a causal language model to write the contract's answers."""

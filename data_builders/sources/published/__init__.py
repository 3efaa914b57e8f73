"""Public test sets in the forms in which they are published: for `pii-sft eval --suite` alone, never for training."""

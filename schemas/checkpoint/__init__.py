"""What lies beside weights and opens them: manifests, fingerprints, tokenizers."""

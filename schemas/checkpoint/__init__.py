"""What training writes and serving opens: bases, adapters, manifests, fingerprints, tokenizers."""

"""What runs a causal language model: torch or ONNX Runtime."""

"""Evaluation: entity-level scores and latency of any detector."""

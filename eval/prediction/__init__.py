"""Predictions of a dataset, kept as they are made."""

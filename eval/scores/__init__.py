"""Scores: counts, tallies by type and slice, intervals, calibration, errors."""

"""Rules beside the model: recognisers with validation for values that have a fixed form."""

from serving.rules.detector import RuleDetector
from serving.rules.validate import validate

__all__ = ["RuleDetector", "validate"]

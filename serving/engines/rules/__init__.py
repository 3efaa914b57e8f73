"""Rules beside the model: recognisers with validation for values that have a fixed form."""

from serving.engines.rules.engine import RulesEngine

__all__ = ["RulesEngine"]

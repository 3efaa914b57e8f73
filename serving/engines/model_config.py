"""Options that every engine with a model of ours has."""

from dataclasses import dataclass

from schemas.options import option


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Options of the tagger and of LLMs."""

    recall: float = option(
        0.0, "added to the log-odds of an entity: above 0, more is found and a larger share of it is wrong"
    )


@dataclass(frozen=True, kw_only=True)
class BesideConfig:
    """Options of what stands beside a model: the rules, and a search for further mentions of names after both."""

    rules: bool = option(True, "use the model alone, without the rules and without further mentions of names")
    repeated_names: bool = option(True, "do not mark further mentions of names that were found once")


@dataclass(frozen=True, kw_only=True)
class HybridConfig(BesideConfig, ModelConfig):
    """Options of a model of ours with the rules beside it."""

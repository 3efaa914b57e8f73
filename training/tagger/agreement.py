"""How often two forms of a model give a token the same best tag, over all and type by type."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import onnxruntime

from schemas.spans.tags import tag_type
from schemas.taxonomy import EntityType
from training.tagger.quantise import Array

Kind = EntityType | None
"""What the first model's best tag says: a type, or None for outside."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Tokens by what the first model says of them, and those of which the second says the same."""

    tokens: Counter[Kind] = field(default_factory=Counter)
    same: Counter[Kind] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Share of all tokens with the same best tag; 0.0 for no tokens."""
        return self.same.total() / max(self.tokens.total(), 1)

    def least(self, tokens: int) -> tuple[EntityType, float] | None:
        """The type with the smallest share among those that have at least as many `tokens`, and the share."""
        rates = [(self.same[kind] / count, kind) for kind, count in self.tokens.items() if kind and count >= tokens]
        return (min(rates)[1], min(rates)[0]) if rates else None


def compare(first: Path, second: Path, inputs: Iterable[Mapping[str, Array]]) -> list[Agreement]:
    """For each head of two ONNX models, count on how many tokens of `inputs` it has the same best tag in both."""
    sessions = [onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (first, second)]
    agreements = [Agreement() for _ in sessions[0].get_outputs()]
    for sample in inputs:
        read = sample["attention_mask"].astype(bool)
        heads = zip(*(session.run(None, dict(sample)) for session in sessions), strict=True)
        for agreement, scores in zip(agreements, heads, strict=True):
            one, other = (each.argmax(-1)[read].tolist() for each in scores)
            agreement.tokens.update(map(tag_type, one))
            agreement.same.update(tag_type(tag) for tag, again in zip(one, other, strict=True) if tag == again)
    return agreements

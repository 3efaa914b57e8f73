"""Has engines read the characters that escapes stand for."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from schemas.engine import Engine
from schemas.spans.entity import Entity
from schemas.spans.overlap import disjoint
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
from schemas.text.escapes import DecodedText
from schemas.text.text import Text

_SECRETS = frozenset({EntityType.PASSWORD, EntityType.SECRET_KEY})


@dataclass(frozen=True, slots=True)
class EscapeReader:
    """Has `engine` read texts without their escapes, and answers with the places of the values among the escapes."""

    engine: Engine

    def with_bias(self, log_odds: float) -> "EscapeReader":
        """The same with the bias of the engine that it asks."""
        return EscapeReader(self.engine.with_bias(log_odds))

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `schemas.engine.Engine` has it; an entity holds the escapes of its characters."""
        read = [DecodedText.of(Text.of(text)) for text in texts]
        found = self.engine.detect([one.text for one in read], types)
        located = [_located(prediction, one) for one, prediction in zip(read, found, strict=True)]
        if types is not None and _SECRETS.isdisjoint(types):
            return located
        return self._with_secrets(located, [one.places is not None for one in read], types)

    def _with_secrets(
        self, found: Sequence[Prediction], escaped: Sequence[bool], types: Sequence[EntityType] | None
    ) -> list[Prediction]:
        """With the secrets that only the written text has: what reads like an escape may be a part of them."""
        texts = [prediction.text for prediction, is_escaped in zip(found, escaped, strict=True) if is_escaped]
        written = iter(self.engine.detect(texts, types) if texts else ())
        return [
            _joined(prediction, next(written)) if is_escaped else prediction
            for prediction, is_escaped in zip(found, escaped, strict=True)
        ]


def _joined(prediction: Prediction, written: Prediction) -> Prediction:
    """With the secrets of `written`, and without what is only a part of one."""
    secrets = [found for found in written.detections if found.entity.type in _SECRETS]
    starts = [secret.start for secret in secrets]
    others = [
        found
        for found in prediction.detections
        if not (before := bisect_right(starts, found.start)) or not _is_part(found, secrets[before - 1])
    ]
    return Prediction(prediction.text, tuple(disjoint(chain(others, secrets))))


def _is_part(found: Detection, secret: Detection) -> bool:
    is_shorter = found.end - found.start < secret.end - secret.start
    return is_shorter and secret.start <= found.start and found.end <= secret.end


def _located(prediction: Prediction, read: DecodedText) -> Prediction:
    """A prediction for the text that was read as one for the written one."""
    if read.places is None:
        return prediction
    moved = (
        replace(found, entity=Entity(*read.place(found.start, found.end), found.entity.type))
        for found in prediction.detections
    )
    return Prediction(read.written, tuple(moved))

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
from schemas.text.escapes import DecodedText, has_unseen
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
        with_secrets = types is None or not _SECRETS.isdisjoint(types)
        again = [
            number
            for number, one in enumerate(read)
            if not one.is_written and (with_secrets or has_unseen(one.written))
        ]
        written = self.engine.detect([read[number].written for number in again], types) if again else []
        for number, prediction in zip(again, written, strict=True):
            located[number] = _joined(located[number], prediction)
        return located


def _joined(prediction: Prediction, written: Prediction) -> Prediction:
    """With what only the written text has: secrets, since what reads like an escape may be a part of them.

    What is only a part of a secret goes. Where nobody sees a character, it may be all that parts two values: what
    stands on its own in the written text is added there.
    """
    secrets = [found for found in written.detections if found.entity.type in _SECRETS]
    starts = [secret.start for secret in secrets]
    others = [
        found
        for found in prediction.detections
        if not (before := bisect_right(starts, found.start)) or not _is_part(found, secrets[before - 1])
    ]
    parted = written.detections if has_unseen(written.text) else ()
    further = (found for found in parted if any(map(str.isalnum, written.value(found))))
    return Prediction(prediction.text, tuple(disjoint(chain(others, secrets, further))))


def _is_part(found: Detection, secret: Detection) -> bool:
    is_shorter = found.end - found.start < secret.end - secret.start
    return is_shorter and secret.start <= found.start and found.end <= secret.end


def _located(prediction: Prediction, read: DecodedText) -> Prediction:
    """A prediction for the text that was read as one for the written one."""
    if read.is_written:
        return prediction
    moved = (
        replace(found, entity=Entity(*read.place(found.start, found.end), found.entity.type))
        for found in prediction.detections
    )
    return Prediction(read.written, tuple(moved))

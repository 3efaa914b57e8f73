"""Redaction in Python: stand-ins before a text leaves, the values back when an answer returns."""

from __future__ import annotations

from collections.abc import Iterable

from pii_sft.detector import Detector
from serving.redaction import OperatorName, Redacted, RedactionSession


class Redactor:
    """Redacts texts with one operator; equal values get equal stand-ins in all texts of one redactor."""

    def __init__(
        self,
        detector: Detector,
        operator: OperatorName = "pseudonym",
        *,
        keep: int = 0,
        key: bytes = b"",
        one_way: bool = False,
    ) -> None:
        """Redact what `detector` finds by `operator`: label, mask, hash, pseudonym or surrogate.

        A mask shows the last `keep` letters and digits of a value; a hash needs a secret `key`. `one_way` hashes of a
        value are equal in all its spellings, so that records can be joined by them, and have no way back. Raises
        ValueError for another operator, and for a hash without a key.
        """
        self._detector = detector
        self._session = RedactionSession(operator, keep=keep, hash_key=key, one_way=one_way)

    def redact(self, text: str, types: Iterable[str] | None = None, min_score: float = 0.0) -> Redacted:
        """Redact one text; `types` and `min_score` and errors are those of `Detector.detect`."""
        return self._session.redact(text, self._detector.detect(text, types, min_score).entities)

    def restore(self, text: str) -> str:
        """Put the values back wherever stand-ins of the texts redacted so far stand in `text`, as in a model's answer.

        A text that `redact` returned comes back exactly, unless it holds what reads like a stand-in that was new in a
        text redacted after it. Brackets, case and spaces that a model changed do not matter. Raises ValueError for an
        operator without a way back (label, mask, a hash that is one way).
        """
        return self._session.restore(text).text

    def unrestored(self, text: str) -> int:
        """How many parts of `text` read like stand-ins, but have no value that `restore` could put there.

        Raises as `restore`.
        """
        return self._session.restore(text).unrestored

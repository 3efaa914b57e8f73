"""Redaction in Python: stand-ins before a text leaves, the values back when an answer returns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pii_sft.detector import Detector, MinScore
from schemas.files import write_whole
from schemas.per_type import PerType
from schemas.taxonomy import ALL_TYPES
from serving.redaction import (
    OperatorName,
    Redacted,
    RedactionSession,
    Restorer,
    TokenCipher,
    hash_key,
    redact_json,
    restore_json,
)

Operators = OperatorName | Mapping[str, OperatorName]
"""One operator, or one by type, that of `DEFAULT` being for all others."""


class Redactor:
    """Redacts texts; equal values get equal stand-ins in all texts of one redactor."""

    def __init__(
        self,
        detector: Detector,
        operator: Operators = "pseudonym",
        *,
        keep: int = 0,
        key: str | bytes = b"",
        one_way: bool = False,
    ) -> None:
        """Redact what `detector` finds by `operator`: label, mask, hash, pseudonym, keyed or surrogate.

        It may be one for each type: `{"PHONE_NUMBER": "mask", "DEFAULT": "pseudonym"}`. A mask shows the last `keep`
        letters and digits of a value. Hash and keyed need a secret `key`: one of `pii-sft key`, with which hashes are
        those of the command line and the service, or bytes of your own. `one_way` hashes of a value are equal in all
        its spellings, so that records can be joined by them, and have no way back. Raises ValueError for another
        operator, and for a hash without a key, UnknownTypeError for a type that neither the taxonomy nor the detector's
        custom rules have.
        """
        self._detector = detector
        operators: PerType[OperatorName] = PerType.of(
            operator, "pseudonym", [*ALL_TYPES, *sorted(detector.custom_rules.types)]
        )
        secret = key if isinstance(key, bytes) else hash_key(key)
        self._session = RedactionSession(operators, keep=keep, hash_key=secret, one_way=one_way)

    @classmethod
    def load(
        cls,
        path: str | Path,
        token_key: str,
        detector: Detector,
        operator: Operators = "pseudonym",
        *,
        keep: int = 0,
        key: str | bytes = b"",
    ) -> Redactor:
        """A redactor that goes on with the stand-ins that `save` wrote; the others are the arguments of a new one.

        The file may also be one of `pii-sft redact --token`. Raises TokenError for one of another key, and for another
        file.
        """
        redactor = cls(detector, operator, keep=keep, key=key)
        token = Path(path).read_text(encoding="ascii", errors="replace").strip()
        redactor._session.replacement_map = TokenCipher([token_key]).decrypt(token)
        return redactor

    def save(self, path: str | Path, token_key: str) -> None:
        """Write the stand-ins and their values to `path`, encrypted with a key of `pii-sft key`, or replace them there.

        `pii-sft restore --token` reads the file too. Raises ModelError for another kind of key, ValueError where no
        operator has a way back.
        """
        self._session.check_way_back()
        write_whole(Path(path), TokenCipher([token_key]).encrypt(self._session.replacement_map) + "\n", private=True)

    def redact(self, text: str, types: Iterable[str] | None = None, min_score: MinScore = 0.0) -> Redacted:
        """Redact one text; `types` and `min_score` and errors are those of `Detector.detect`."""
        return self._session.redact(text, self._detector.detect(text, types, min_score).entities)

    def redact_json(self, value: Any, types: Iterable[str] | None = None, min_score: MinScore = 0.0) -> Any:
        """Redact the strings and numbers in a value of JSON (dicts, lists, strings, numbers, True, False, None).

        Names of fields and structure stay. JSON within a string, such as the arguments of a tool call, is read as such.
        A personal number becomes a string, or with the operator surrogate another number. Raises TypeError for a value
        that JSON does not have, ValueError for NaN and infinity, and what `redact` raises.
        """
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        return json.loads(redact_json(text, self._detector.finding(types, min_score), self._session))

    def restore_json(self, value: Any) -> Any:
        """Put the values back into a value of JSON; errors are those of `restore` and `redact_json`."""
        self._session.check_way_back()
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        return json.loads(restore_json(text, self._session.replacement_map)[0])

    def restorer(self) -> Restorer:
        """What puts the values back into a text that comes in pieces, as a model writes it.

            restorer = redactor.restorer()
            for piece in answer:
                print(restorer.feed(piece), end="")
            print(restorer.close())

        Nothing may be redacted meanwhile. Raises ValueError where no operator has a way back.
        """
        self._session.check_way_back()
        return Restorer(self._session.replacement_map)

    def restore(self, text: str) -> str:
        """Put the values back wherever stand-ins of the texts redacted so far stand in `text`, as in a model's answer.

        A text that `redact` returned comes back exactly, unless it holds what reads like a stand-in that was new in a
        text redacted after it, and but for the values of operators without a way back (label, mask, a hash that is one
        way). Brackets, case and spaces that a model changed do not matter. Raises ValueError where no operator has a
        way back.
        """
        return self._session.restore(text).text

    def unrestored(self, text: str) -> int:
        """How many parts of `text` read like stand-ins, but have no value that `restore` could put there.

        Raises as `restore`.
        """
        return self._session.restore(text).unrestored

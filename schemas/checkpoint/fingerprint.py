"""Fingerprints of the contract: saved beside every model, compared when it is loaded."""

import hashlib
import json
from typing import Any

from schemas.errors import FingerprintError
from schemas.llm.prompt import training_example
from schemas.spans.entity import Document, Entity, Example
from schemas.spans.tags import TAGS
from schemas.tagger.word_kind import LONGEST, SHORTEST, WordKind
from schemas.taxonomy import ALL_TYPES, EntityType
from schemas.text.fold import fold
from schemas.text.tokenize import STANDALONE

_FOLD_SAMPLE = "AZaz09 ＡＺａｚ０９！～\u3000\r\n\t①²ﬁ㍿é\u0301｡ｱ"
_LLM_SAMPLE = Example(
    Document("sample", '我叫张三，密码是"a\\b\n\x01😀/é"，住上海。'),
    (Entity(2, 4, EntityType.PERSON_NAME), Entity(9, 17, EntityType.PASSWORD), Entity(20, 22, EntityType.LOCATION)),
    source="sample",
)


def tagger_fingerprint() -> str:
    """SHA-256 over all that a tagger's weights depend on: tag set, folding, token boundaries, kinds of words."""
    return _digest([TAGS, fold(_FOLD_SAMPLE), STANDALONE, [kind.name for kind in WordKind], SHORTEST, LONGEST])


def llm_fingerprint() -> str:
    """SHA-256 over all that an adapter's weights depend on: the prompt, the answer codec, the names of the types."""
    pieces = training_example(_LLM_SAMPLE, ALL_TYPES)
    prompt = [[piece.text, piece.control, piece.loss] for piece in pieces]
    return _digest([prompt, [[kind, kind.info.zh] for kind in ALL_TYPES]])


def check_fingerprint(fingerprint: object, expected: str, name: str) -> None:
    """Raise FingerprintError when the `fingerprint` of model `name` is not the `expected` one."""
    if fingerprint != expected:
        raise FingerprintError(
            f"{name} was made under another contract (fingerprint {fingerprint!s:.12}, expected {expected:.12}); "
            "train or export it again with this version"
        )


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=True, sort_keys=True).encode()).hexdigest()

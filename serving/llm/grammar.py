"""The grammar of an answer about one text, in llguidance's dialect of Lark."""

import json
from collections.abc import Sequence

from schemas.codec import encode_answer
from schemas.taxonomy import EntityType

_MAX_VALUE = 512
"""Most characters of one value."""


def answer_grammar(text: str, types: Sequence[EntityType]) -> str:
    """The grammar of what `schemas.codec.encode_answer` can write about `text` and `types`.

    The JSON is exact; `type` is one of `types`; `value` is a part of `text`, escaped as the codec does, never empty.
    The number of items is bounded, so that every answer ends.
    """
    if not text:
        return f"start: {_literal(encode_answer('', []))}"
    most = len(text)
    return "\n".join(
        (
            f'start: {_literal(_HEAD)} (item ("," item){{0,{most}}})? {_literal(_TAIL)}',
            r'item: "{\"type\":\"" TYPE "\",\"value\":\"" VALUE "\"}"',
            f"TYPE: {' | '.join(_literal(kind) for kind in types)}",
            f"VALUE: PART & /(?s:.{{1,{_MAX_VALUE}}})/",
            f"PART: %regex {json.dumps({'substring_chunks': [_escaped(char) for char in text]})}",
        )
    )


_HEAD, _TAIL = '{"entities":[', "]}"


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _escaped(char: str) -> str:
    return json.dumps(char, ensure_ascii=False)[1:-1]

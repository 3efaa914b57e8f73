"""The grammar of an answer in llguidance's dialect of Lark, for servers that enforce one: vLLM, SGLang.

https://github.com/guidance-ai/llguidance/blob/main/docs/syntax.md

It keeps no record of what was written, so unlike `serving.engines.llm.constraint.grammar` it lets a model name the same
characters twice. `schemas.llm.align` leaves out what is not in the text so often.
"""

import json
from collections.abc import Sequence

from schemas.taxonomy import EntityType


def lark(text: str, types: Sequence[EntityType]) -> str:
    """The grammar of the answers about `text`, which is not empty: values of `types` that are parts of it.

    Their number is bounded: one more than the characters of the text.
    """
    characters = [json.dumps(char, ensure_ascii=False)[1:-1] for char in text]
    substrings = json.dumps({"substring_chunks": characters}, ensure_ascii=False)
    kinds = " | ".join(f'"{kind}"' for kind in types)
    return "\n".join(
        (
            rf'start: "{{\"entities\":[" (item ("," item){{0,{len(text)}}})? "]}}"',
            r'item: "{\"type\":\"" TYPE "\",\"value\":\"" VALUE "\"}"',
            f"TYPE: {kinds}",
            "VALUE: PART & /(?s:.+)/",  # a part may be empty, a value may not
            f"PART: %regex {substrings}",
        )
    )

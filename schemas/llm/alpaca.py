"""The Alpaca form of an example (Taori et al. 2023): instruction, input and output, as LLaMA-Factory reads it.

The output is the full span-annotated JSON. `schemas.llm.prompt` builds what our own trainer uses, without offsets.
"""

import json
from typing import Any

from schemas.spans.entity import Example
from schemas.spans.record import to_record
from schemas.taxonomy import EntityType


def to_alpaca(example: Example) -> dict[str, str]:
    """`example` as an instruction that names its annotated types, its text, and its entities as JSON."""
    entities = to_record(example)["entities"]
    output = json.dumps({"entities": entities}, ensure_ascii=False, separators=(",", ":"))
    return {"instruction": _instruction(example.annotated), "input": example.document.text, "output": output}


def to_row(example: Example) -> dict[str, Any]:
    """The row of `example` in a dataset: its record, then its Alpaca form."""
    return {**to_record(example), **to_alpaca(example)}


def _instruction(types: tuple[EntityType, ...]) -> str:
    names = "、".join(f"{kind}（{kind.info.zh}）" for kind in types)
    return (
        f"找出文本中以下类型的实体：{names}。按出现顺序列出，每次出现列一项，value照抄原文，start和end是其在原文中的字符位置"
        '（从0数起，含start，不含end），只输出JSON：{"entities":[{"type":"类型","value":"原文","start":0,"end":2}]}，'
        '没有则输出{"entities":[]}。'
    )

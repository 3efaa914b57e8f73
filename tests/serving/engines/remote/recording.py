"""Recorded exchanges with vLLM, the tiny model behind it, and how both are made anew.

    python -m tests.serving.engines.remote.recording model FOLDER
    python -m vllm.entrypoints.openai.api_server --model FOLDER --served-model-name pii --dtype float32 \
        --max-model-len 2048 --structured-outputs-config '{"backend":"guidance","disable_any_whitespace":true}'
    python -m tests.serving.engines.remote.recording record http://127.0.0.1:8000/v1 FOLDER

The model has random weights and a token for each byte, so that what was recorded stays right whatever the taxonomy
teaches other tokenizers. Prompts are left out: they say what `schemas.llm.prompt` says now.
"""

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2

from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.checkpoint.tiny import write_tiny_base
from schemas.errors import RefusedTextError
from schemas.taxonomy import EntityType as T
from serving.engines.remote.grounded import GroundedEngine
from serving.engines.remote.server import Server
from serving.engines.remote.vllm import Vllm

FILE = Path(__file__).with_name("vllm.json")
TYPES = (T.PERSON_NAME, T.PHONE_NUMBER)
TEXTS = ("我叫张三", '李四 said "138-0013\\8000"\n😀', "zz 收货人：欧阳婷，电话13800138000，", "长" * 600)
"""The last is too long for the server."""


def write_model(folder: Path) -> None:
    write_tiny_base(folder, vocabulary=259, hidden=256)  # a byte each, and three control tokens; heads of 64


def load_tokenizer(folder: Path) -> ChatTokenizer:
    from tokenizers import Tokenizer

    return ChatTokenizer(Tokenizer.from_file(str(folder / "tokenizer.json")), "bytes")


def without_prompt(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "prompt"}


def record(url: str, model: Path) -> None:
    exchanges = []

    def note(response: httpx2.Response) -> None:
        response.read()
        answer = response.json()
        for choice in answer.get("choices", ()):
            choice["prompt_token_ids"] = choice["logprobs"]["top_logprobs"] = None
        request = without_prompt(json.loads(response.request.content))
        exchanges.append({"request": request, "status": response.status_code, "response": answer})

    client = httpx2.Client(event_hooks={"response": [note]}, timeout=120.0)
    engine = GroundedEngine(Server(f"{url}/completions", client=client), Vllm("pii"), load_tokenizer(model))
    for text in TEXTS:
        with suppress(RefusedTextError):
            engine.detect([text], TYPES)
    FILE.write_text(json.dumps(exchanges, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "model":
        write_model(Path(sys.argv[2]))
    else:
        record(sys.argv[2], Path(sys.argv[3]))

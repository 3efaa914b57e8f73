"""Options of LLMs of ours behind servers, and how one is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.engine import LoadedEngine
from schemas.options import option
from serving.engines.model_config import BesideConfig

if TYPE_CHECKING:
    from serving.engines.remote.grounded import Api


@dataclass(frozen=True, kw_only=True)
class GroundedConfig(BesideConfig):
    """Which server and model, and what stands beside it."""

    model: str = option("", "URL#MODEL of the server, MODEL being its name for the adapter; $OPENAI_API_KEY is sent")
    adapter: Path | None = option(None, "folder that `pii-sft train` or `export` wrote, for its contract and tokenizer")
    concurrency: int = option(8, "how many requests run at once", least=1)
    timeout: float = option(120.0, "seconds after which a request is given up and sent again", least=1)


def load_grounded(config: GroundedConfig, name: str, url: str, model: str, api: Api) -> LoadedEngine:
    """The engine that asks `model` at `url` by `api`, with the rules beside it unless they are switched off.

    Raises ModelError for an adapter that cannot be used, FingerprintError for one of another contract.
    """
    from serving import engines
    from serving.engines.hybrid import complete
    from serving.engines.remote.grounded import GroundedEngine, load_chat
    from serving.engines.remote.server import Server

    chat = load_chat(config.adapter, name)
    server = Server(url, connections=config.concurrency, timeout=config.timeout)
    engine = GroundedEngine(server, api, chat, config.concurrency)
    return LoadedEngine(
        complete(engine, config),
        f"{model or 'the model'} at {url}",
        code=(engines,),
        files=(config.adapter,) if config.adapter else (),
        width=config.concurrency,
    )

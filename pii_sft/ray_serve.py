"""The HTTP service on Ray Serve, which starts and ends replicas as requests come.

    serve run pii_sft.ray_serve:build engine=tagger
    serve deploy deploy/ray/serve.yaml

Needs `pip install '.[scale]'`. https://docs.ray.io/en/latest/serve
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field
from ray import serve

from schemas.errors import ModelError

if TYPE_CHECKING:
    from fastapi import FastAPI

DEPLOYMENT = "pii-sft"
"""Name of the deployment, by which a file of settings names its replicas."""


class Arguments(BaseModel):
    """What each replica serves: an engine by its name with options, and a file of custom rules.

    `also` are more engines by the names that requests have for them, as `pii-sft serve --also` takes them.
    `no_auth` lets others ask without API keys, for a network that only they can reach.
    """

    model_config = ConfigDict(extra="forbid")

    engine: str = "tagger"
    also: dict[Annotated[str, Field(min_length=1)], str] = {}
    custom_rules: Path | None = None
    no_auth: bool = False


def build(arguments: Arguments) -> serve.Application:
    """The service as an application of Ray Serve; each replica loads the engine, and reads `$PII_SFT_...` settings.

    Raises ModelError for a name of an engine that is wrong, and where no file of API keys is named.
    """
    from pii_sft.registry import parse_spec
    from serving.service.settings import read_settings

    for engine in (arguments.engine, *arguments.also.values()):
        parse_spec(engine)
    if not arguments.no_auth and not read_settings({}, os.environ).api_keys:
        raise ModelError("without PII_SFT_API_KEYS anyone may ask; set it, or no_auth=true for a closed network")
    replica = serve.ingress(lambda: _service(arguments))(type("Service", (), {}))
    deployment: serve.Deployment = serve.deployment(name=DEPLOYMENT)(replica)
    return deployment.bind()


def _service(arguments: Arguments) -> FastAPI:
    from pii_sft.detector import Detector, compile_custom_rules
    from serving.service.app import create_app
    from serving.service.settings import read_settings

    engine = Detector.load(arguments.engine).engine
    others = {name: Detector.load(spec).engine for name, spec in arguments.also.items()}
    return create_app(engine, read_settings({}, os.environ), compile_custom_rules(arguments.custom_rules), others)

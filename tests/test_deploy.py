"""The files for running the service say what the code does; they are read, not run."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from starlette.testclient import TestClient

from pii_sft.cli import build_parser
from pii_sft.cli.gateway import UPSTREAM_KEY
from pii_sft.cli.shared.engine_options import VARIABLE as ENGINE
from serving.engines.rules.engine import RulesEngine
from serving.gateway.app import create_gateway
from serving.gateway.application import Engines
from serving.gateway.settings import GatewaySettings
from serving.service.app import create_app
from serving.service.metrics import Metrics
from serving.service.settings import ServiceSettings, variable

DEPLOY = Path(__file__).parent.parent / "deploy"
GATEWAY = DEPLOY / "gateway"
FILES = [path for path in DEPLOY.rglob("*") if path.is_file() and path.name not in ("keys", "scrape-key")]
MADE = ("./tls",)
"""What a reader makes."""


def test_every_variable_is_a_setting() -> None:
    known = {variable(name) for name in ServiceSettings.__dataclass_fields__} | {UPSTREAM_KEY, ENGINE}
    found = {name for path in FILES for name in re.findall(r"PII_SFT_[A-Z_]+", path.read_text(encoding="utf-8"))}
    assert found and found <= known


def test_every_command_is_one() -> None:
    entry = json.loads(re.findall(r"^ENTRYPOINT (.*)$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.M)[0])
    for command in (entry[1:], started(DEPLOY / "pii-sft.service")):
        assert build_parser().parse_args(command).run.__module__ == "pii_sft.cli.serve"
    container = containers(GATEWAY / "kubernetes.yaml")[0]
    composed = yaml.safe_load((GATEWAY / "compose.yaml").read_text(encoding="utf-8"))["services"]["gateway"]
    for command in (
        started(GATEWAY / "pii-sft-gateway.service"),
        [*container["command"], *container["args"]][1:],
        composed["entrypoint"][1:],
    ):
        assert build_parser().parse_args(command).run.__module__ == "pii_sft.cli.gateway"


def started(unit: Path) -> list[str]:
    command: str = re.findall(r"^ExecStart=\S+ (.*)$", unit.read_text(encoding="utf-8"), re.M)[0]
    return command.split()


def containers(manifest: Path) -> Any:
    manifests = list(yaml.safe_load_all(manifest.read_text(encoding="utf-8")))
    return manifests[0]["spec"]["template"]["spec"]["containers"]


def test_probes_and_scrapes_ask_for_paths_that_exist() -> None:
    (container,) = containers(DEPLOY / "kubernetes.yaml")
    scrape = yaml.safe_load((DEPLOY / "prometheus.yaml").read_text(encoding="utf-8"))["scrape_configs"][0]
    asked = {container[probe]["httpGet"]["path"] for probe in ("readinessProbe", "livenessProbe")} | {
        scrape["metrics_path"]
    }
    service = TestClient(create_app(RulesEngine()))
    assert all(service.get(path).status_code == 200 for path in asked | {"/health"})
    assert "/health" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    (container,) = containers(GATEWAY / "kubernetes.yaml")
    asked = {container[probe]["httpGet"]["path"] for probe in ("readinessProbe", "livenessProbe")}
    engines = Engines(RulesEngine(), RulesEngine())
    gateway = TestClient(create_gateway(engines, GatewaySettings("http://upstream.invalid/v1", secret=b"s" * 32)))
    assert asked == {"/ready", "/health"} and all(gateway.get(path).status_code == 200 for path in asked)


def test_the_dashboard_shows_metrics_that_exist() -> None:
    kept = set(re.findall(r"^pii_sft_\w+", Metrics().text().decode(), re.MULTILINE))
    kept |= {f"{name}_total" for name in ("pii_sft_requests", "pii_sft_entities")} | {"pii_sft_request_seconds_bucket"}
    board = json.loads((DEPLOY / "grafana" / "pii-sft.json").read_text(encoding="utf-8"))
    shown = {
        name
        for panel in board["panels"]
        for target in panel["targets"]
        for name in re.findall(r"pii_sft_\w+", target["expr"])
    }
    assert len(shown) >= 6 and shown <= kept


def test_files_that_are_mounted_exist() -> None:
    for folder in (DEPLOY, GATEWAY):
        services = yaml.safe_load((folder / "compose.yaml").read_text(encoding="utf-8"))["services"]
        mounted = [volume.split(":")[0] for row in services.values() for volume in row.get("volumes", [])]
        files = [name for name in mounted if name.startswith("./") and name not in MADE]
        assert files and all((folder / name).is_file() for name in files)

"""The files for running the service say what the code does; they are read, not run."""

import json
import re
from pathlib import Path

import yaml

from pii_sft.cli import build_parser
from serving.engines.rules.engine import RulesEngine
from serving.service.app import create_app
from serving.service.metrics import Metrics
from serving.service.settings import ServiceSettings, variable

DEPLOY = Path(__file__).parent.parent / "deploy"
FILES = [path for path in DEPLOY.rglob("*") if path.is_file() and path.name not in ("keys", "scrape-key")]


def test_every_variable_is_a_setting() -> None:
    known = {variable(name) for name in ServiceSettings.__dataclass_fields__}
    found = {name for path in FILES for name in re.findall(r"PII_SFT_[A-Z_]+", path.read_text(encoding="utf-8"))}
    assert found and found <= known


def test_every_command_is_one() -> None:
    service = (DEPLOY / "pii-sft.service").read_text(encoding="utf-8")
    entry = json.loads(re.findall(r"^ENTRYPOINT (.*)$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.M)[0])
    started = re.findall(r"^ExecStart=\S+ (.*)$", service, re.M)[0].split()
    for command in (entry[1:], started):
        assert build_parser().parse_args(command).run.__module__ == "pii_sft.cli.serve"


def test_probes_and_scrapes_ask_for_paths_that_exist() -> None:
    manifests = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")))
    (container,) = manifests[0]["spec"]["template"]["spec"]["containers"]
    scrape = yaml.safe_load((DEPLOY / "prometheus.yaml").read_text(encoding="utf-8"))["scrape_configs"][0]
    asked = {container[probe]["httpGet"]["path"] for probe in ("readinessProbe", "livenessProbe")} | {
        scrape["metrics_path"]
    }
    assert asked <= served() and "/health" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def served() -> set[str]:
    from starlette.testclient import TestClient

    client = TestClient(create_app(RulesEngine()))
    return {
        path for path in ("/v1/ready", "/v1/health", "/v1/metrics", "/health") if client.get(path).status_code == 200
    }


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
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    mounted = [volume.split(":")[0] for row in services.values() for volume in row.get("volumes", [])]
    assert mounted and all((DEPLOY / name).is_file() for name in mounted)

"""The service on Ray Serve, in a Ray of its own."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytest.importorskip("ray.serve", reason="Ray Serve is not installed: pip install '.[scale]'")
ROOT = Path(__file__).parents[2]
ASK = """
import json, sys, urllib.request
import ray
from ray import serve
from pii_sft.ray_serve import Arguments, build

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
serve.start(http_options={"port": int(sys.argv[1])})
serve.run(build(Arguments(engine="rules")))
headers = {"Content-Type": "application/json", "Authorization": "Bearer secret-key-of-a-test"}
url = f"http://127.0.0.1:{sys.argv[1]}/v1/detect"
request = urllib.request.Request(url, json.dumps({"text": "电话13800138000"}).encode(), headers)
told = {"answer": json.load(urllib.request.urlopen(request))}
try:
    urllib.request.urlopen(urllib.request.Request(url, b"{}", {"Content-Type": "application/json"}))
except urllib.error.HTTPError as error:
    told["refused"] = error.code
print("\\n" + json.dumps(told))
serve.shutdown()
ray.shutdown()
"""


def run(code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment, timeout=300
    )


def test_a_replica_answers_and_asks_for_keys(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("tester secret-key-of-a-test\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    told = run(ASK, port, PII_SFT_API_KEYS=str(tmp_path / "keys"))
    assert told.returncode == 0, told.stderr[-2000:]
    (line,) = (line for line in told.stdout.splitlines() if line.startswith("{"))
    found = json.loads(line)
    (entity,) = found["answer"]["entities"]
    assert (entity["type"], entity["value"], found["refused"]) == ("PHONE_NUMBER", "13800138000", 401)


def test_what_cannot_be_served_is_told_before_anything_starts() -> None:
    code = "import sys; from pii_sft.ray_serve import Arguments, build; build(Arguments(engine=sys.argv[1]))"
    assert "without PII_SFT_API_KEYS anyone may ask" in run(code, "rules").stderr
    assert "tagge: not an engine" in run(code, "tagge").stderr


def test_the_deployed_applications_can_be_built() -> None:
    from pii_sft.ray_serve import DEPLOYMENT, Arguments
    from pii_sft.registry import parse_spec

    applications = yaml.safe_load((ROOT / "deploy" / "ray" / "serve.yaml").read_text(encoding="utf-8"))["applications"]
    for application in applications:
        parse_spec(Arguments(**application["args"]).engine)
        assert application["import_path"] == "pii_sft.ray_serve:build"
        assert [deployment["name"] for deployment in application["deployments"]] == [DEPLOYMENT]

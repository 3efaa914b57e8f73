"""`pii-sft mcp` as a process, used by the protocol's own client."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.stdio import stdio_client

import pii_sft
from pii_sft.cli import main
from schemas.spans.prediction import Prediction
from serving.mcp_server import create_mcp_server

pytestmark = pytest.mark.anyio
ROOT = Path(pii_sft.__file__).parent.parent
TEXT = "电话13812345678，邮箱 a.b@example.com"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def server(*flags: str) -> Any:
    command = ["-m", "pii_sft", "mcp", "--engine", "rules", *flags]
    return stdio_client(StdioServerParameters(command=sys.executable, args=command, cwd=ROOT, env=dict(os.environ)))


async def test_a_text_is_searched_redacted_and_restored() -> None:
    async with Client(server()) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["detect", "redact", "restore"]
        found = (await client.call_tool("detect", {"text": TEXT})).structured_content
        assert found is not None
        assert [entity["value"] for entity in found["entities"]] == ["13812345678", "a.b@example.com"]
        redacted = (await client.call_tool("redact", {"text": TEXT})).structured_content
        assert redacted is not None and redacted["replaced"] == 2 and "13812345678" not in redacted["text"]
        back = (
            await client.call_tool("restore", {"text": redacted["text"] + "[PERSON_NAME_kp3x9d]"})
        ).structured_content
        value = '{"phone": "\\u0031\\u0033812345678", "n": 1}'
        redacted_json = (await client.call_tool("redact", {"text": value})).structured_content
        assert redacted_json is not None and redacted_json["replaced"] == 1
        again = (await client.call_tool("restore", {"text": redacted_json["text"]})).structured_content
        assert again is not None and json.loads(again["text"]) == json.loads(value)
        assert back == {"text": TEXT + "[PERSON_NAME_kp3x9d]", "unknown": 1}


async def test_types_are_those_that_were_asked_for() -> None:
    async with Client(server("--types", "EMAIL")) as client:
        found = (await client.call_tool("detect", {"text": TEXT})).structured_content
        assert found is not None and [entity["type"] for entity in found["entities"]] == ["EMAIL"]


async def test_arguments_that_are_wrong_are_not_quoted() -> None:
    async with Client(server()) as client:
        for arguments in ({"text": {"a": TEXT}}, {"txt": TEXT}, {"text": TEXT, "more": 1}, {}):
            told = await client.call_tool("detect", arguments)
            assert told.is_error and "a tool takes one argument, text, which is a string" in str(told.content)
            assert "13812345678" not in str(told.content)


async def test_a_detector_that_fails_quotes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fail(texts: Sequence[str], names: Sequence[str] = ()) -> list[Prediction]:
        raise RuntimeError(f"cannot read {texts}")

    async with Client(create_mcp_server(fail, b"k" * 32, "1")) as client:
        for tool in ("detect", "redact"):
            told = await client.call_tool(tool, {"text": TEXT})
            assert told.is_error and "the text was not searched" in str(told.content)
            assert "13812345678" not in str(told.content) + caplog.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once(number: int) -> None:
    command = [sys.executable, "-m", "pii_sft", "mcp", "--engine", "rules"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin and process.stdout and process.stderr
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}).encode())
        process.stdin.write(b"\n")
        process.stdin.flush()
        assert b"pii-sft" in process.stdout.readline()
        process.send_signal(number)
        assert process.wait(10) == -number


def test_a_key_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PII_SFT_KEY", "short")
    for command in (["mcp"], ["gateway", "--upstream", "http://x/v1", "--port", "0"]):
        assert main([*command, "--engine", "rules"]) == 2
        assert "a key is 32 bytes in base64url" in capsys.readouterr().err

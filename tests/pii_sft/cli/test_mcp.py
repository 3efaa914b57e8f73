"""`pii-sft mcp` as a process, used by the protocol's own client."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.stdio import stdio_client

import pii_sft
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
    def fail(texts: Sequence[str]) -> list[Prediction]:
        raise RuntimeError(f"cannot read {texts}")

    async with Client(create_mcp_server(fail, b"k" * 32, "1")) as client:
        for tool in ("detect", "redact"):
            told = await client.call_tool(tool, {"text": TEXT})
            assert told.is_error and "the text was not searched" in str(told.content)
            assert "13812345678" not in str(told.content) + caplog.text

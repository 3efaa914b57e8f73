"""What means something to the provider stays; what is free there is read."""

import json
from typing import Any

import pytest

from serving.engines.rules.engine import RulesEngine
from serving.gateway.protocols.paths import Paths
from tests.serving.gateway.gateways import VALUES, gateway
from tests.serving.gateway.test_edges import chat
from tests.serving.gateway.test_refusals import reason

pytestmark = pytest.mark.anyio
NAME = "张三丰"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def tool(schema: dict[str, Any]) -> dict[str, Any]:
    return {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", **schema}}}]}


def anthropic_tool(schema: dict[str, Any]) -> dict[str, Any]:
    return {"tools": [{"name": "f", "input_schema": {"type": "object", **schema}}]}


FREE = [
    {"examples": [{"type": NAME, "format": NAME, "required": [NAME]}]},
    {"properties": {"type": {"enum": [NAME], "const": NAME, "description": NAME}}},
    {"properties": {"who": {"default": {"type": NAME, "$id": NAME}}}},
    {"properties": {"who": {"type": "string", "pattern": f"^({NAME}|王小明)$"}}},
]


@pytest.mark.parametrize("schema", FREE)
async def test_values_in_free_places_of_schemas_are_masked(schema: dict[str, Any]) -> None:
    for protocol, path, tools in (
        ("openai", "/chat/completions", tool(schema)),
        ("anthropic", "/messages", anthropic_tool(schema)),
    ):
        async with gateway(protocol) as target:
            assert (await target.post(path, chat("你好", **tools))).status_code == 200
            assert not any(value in target.upstream.bodies[0] for value in VALUES)
            assert '"object"' in target.upstream.bodies[0]


@pytest.mark.parametrize(
    ("protocol", "path", "more"),
    [
        ("openai", "/responses", {"input": "hi", "reasoning": {"effort": "low", "summary": NAME}, "include": [NAME]}),
        ("openai", "/responses", {"input": "hi", "tool_choice": {"type": "function", "x": NAME}}),
        ("openai", "/chat/completions", chat("hi", tool_choice={"type": "function", "function": {"x": NAME}})),
        ("anthropic", "/messages", chat([{"type": "text", "text": "hi", "cache_control": {"x": NAME}}])),
        ("anthropic", "/messages", chat("hi", tool_choice={"type": "tool", "x": NAME})),
    ],
)
async def test_values_beside_settings_are_masked(protocol: str, path: str, more: dict[str, Any]) -> None:
    async with gateway(protocol) as target:
        assert (await target.post(path, more)).status_code == 200
        assert NAME not in target.upstream.bodies[0] and "[PERSON_NAME_" in target.upstream.bodies[0]


async def test_settings_and_names_of_tools_stay() -> None:
    function = {"name": "user", "parameters": {"type": "object", "required": ["a"], "$ref": "#/x"}}
    body = {
        "model": "m",
        "input": [{"type": "message", "role": "user", "id": "msg_1", "content": f"我是{NAME}"}],
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content", "message.output_text.logprobs", "file_search_call.results"],
        "tools": [{"type": "function", **function}],
        "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "user"}]},
    }
    async with gateway(engine=RulesEngine()) as target:
        assert (await target.post("/responses", body)).status_code == 200
        assert json.loads(target.upstream.bodies[0]) == body


async def test_a_value_that_is_found_elsewhere_is_not_left_in_an_id() -> None:
    body = {"model": "m", "input": [{"type": "message", "role": "user", "id": NAME, "content": f"我是{NAME}"}]}
    async with gateway() as target:
        answer = await target.post("/responses", body)
        assert answer.status_code == 422 and "is left in another" in reason(answer) and not target.upstream.bodies


async def test_a_pattern_keeps_its_escapes() -> None:
    schema = {"properties": {"x": {"type": "string", "pattern": "^\\u0028[\\u4e00-\\u9fa5]+$"}}}
    async with gateway() as target:
        assert (await target.post("/chat/completions", chat(f"我是{NAME}", **tool(schema)))).status_code == 200
        sent = json.loads(target.upstream.bodies[0])["tools"]
    assert sent == tool(schema)["tools"]


def test_any_number_of_names_leads_into_no_values_of_a_schema() -> None:
    for pattern in ("a.**.type", "a.**.b.**.type"):
        paths = Paths(pattern)
        assert ("a", "x", 0, "b", "y", "type") in paths
        assert not any(("a", "x", name, 0, "b", "type") in paths for name in ("default", "enum", "examples"))

"""Pictures and files in requests: refused wherever they stand, and what only looks like one is read."""

from typing import Any

import pytest

from serving.gateway.settings import Policy
from tests.serving.gateway.gateways import gateway
from tests.serving.gateway.test_edges import PHONE, anyio_backend, chat  # noqa: F401 - a fixture
from tests.serving.gateway.test_refusals import reason

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("protocol", "path", "body"),
    [
        ("openai", "/chat/completions", chat([{"type": "image_url", "image_url": "data:x"}])),
        ("openai", "/responses", {"input": [{"type": "computer_call_output", "output": {"image_url": "data:x"}}]}),
        ("openai", "/responses", {"input": [{"type": "function_call_output", "output": [{"image_url": "data:x"}]}]}),
        ("openai", "/responses", {"input": [{"type": "image_generation_call", "result": "aWJt"}]}),
        (
            "anthropic",
            "/messages",
            chat([{"type": "document", "source": {"type": "content", "content": [{"source": {"data": "aWJt"}}]}}]),
        ),
        (
            "anthropic",
            "/messages",
            chat([{"type": "tool_result", "content": [{"source": {"content": [{"source": {"url": "http://x"}}]}}]}]),
        ),
        *(
            ("openai", "/chat/completions", chat([part]))
            for part in (
                {"type": "input_audio", "input_audio": "aWJt"},
                {"type": "video_url", "video_url": {"url": "http://x/a.mp4"}},
                {"type": "video", "video": ["http://x/a.jpg"]},
                {"type": "document_url", "document_url": "http://x/a.pdf"},
                {"type": "file", "file": {"file_url": "http://x/a.pdf"}},
                {"type": "image", "source": {"type": "base64", "data": "aWJt"}},
                {"type": "media", "data": "aWJt"},
                {"type": "other", "other": "iVBORw0KGgoAAAANSUhEUg" * 20},
            )
        ),
        ("openai", "/responses", {"input": [{"type": "function_call_output", "output": [{"file_url": "http://x"}]}]}),
        ("openai", "/responses", {"input": "x", "prompt": {"id": "p", "variables": {"x": {"image_url": "http://x"}}}}),
    ],
)
async def test_pictures_in_other_places_are_refused_too(protocol: str, path: str, body: Any) -> None:
    async with gateway(protocol) as target:
        answer = await target.post(path, body)
        assert answer.status_code == 400 and "pictures" in reason(answer) and not target.upstream.bodies


async def test_base64_alone_is_read_where_files_pass() -> None:
    async with gateway(policy=Policy(media="pass")) as target:
        text = "iVBORw0KGgoAAAANSUhEUg" * 20 + PHONE
        assert (await target.post("/chat/completions", chat(text))).status_code == 200
        assert PHONE not in target.upstream.bodies[0]


async def test_a_file_within_a_text_is_refused_too() -> None:
    for text in ("见 data:text/plain;base64,MTM4MDAxMzgwMDA= 这里", "![](data:image/png;base64,iVBORw0KGgo=)"):
        async with gateway() as target:
            answer = await target.post("/chat/completions", chat(text))
            assert answer.status_code == 400 and "pictures" in reason(answer) and not target.upstream.bodies
        async with gateway(policy=Policy(media="pass")) as target:
            assert (await target.post("/chat/completions", chat(f"{text} {PHONE}"))).status_code == 200
            assert PHONE not in str(target.upstream.bodies[0])


async def test_documents_of_plain_text_are_read() -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "张三丰"}
    async with gateway("anthropic") as target:
        assert (await target.post("/messages", chat([{"type": "document", "source": source}]))).status_code == 200
        assert "张三丰" not in target.upstream.bodies[0]


async def test_a_text_that_begins_like_a_picture_is_read() -> None:
    async with gateway(policy=Policy(media="pass")) as target:
        text = f"data:image/png;base64,iVBORw0KGgo= 我的手机号是{PHONE}"
        assert (await target.post("/chat/completions", chat(text))).status_code == 200
        assert PHONE not in target.upstream.bodies[0]

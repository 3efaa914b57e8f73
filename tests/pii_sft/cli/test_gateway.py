"""`pii-sft gateway` in front of a provider on a socket, used by the providers' own clients."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from anthropic import Anthropic
from openai import AsyncOpenAI, OpenAI

from pii_sft.cli import main
from serving.gateway.audit import verify_audit
from serving.gateway.fake_upstream import FakeUpstream
from serving.redaction import TokenCipher
from tests.pii_sft.cli.gateway_process import TEXT, VALUES, gateway, provider


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one the command makes one for the process, and for whatever comes after it."""
    monkeypatch.setenv("PII_SFT_KEY", TokenCipher.new_key())


@pytest.fixture(scope="module")
def upstream() -> Iterator[tuple[FakeUpstream, str]]:
    with provider() as running:
        yield running


@pytest.fixture(scope="module", params=["openai", "anthropic"])
def served(
    request: pytest.FixtureRequest, upstream: tuple[FakeUpstream, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str, Path]]:
    """Protocol, address and audit of a gateway."""
    audit = tmp_path_factory.mktemp("audit") / "audit.jsonl"
    with gateway("--upstream", upstream[1], "--protocol", request.param, "--audit", str(audit)) as (_, address):
        yield request.param, address, audit


def test_the_clients_of_the_providers_work_unchanged(
    served: tuple[str, str, Path], upstream: tuple[FakeUpstream, str]
) -> None:
    protocol, address, audit = served
    fake, _ = upstream
    fake.bodies.clear()
    heard = _ask_openai(address) if protocol == "openai" else _ask_anthropic(address)
    assert heard == [TEXT] * len(heard)
    assert len(fake.bodies) == len(heard)
    assert not any(value in body for body in fake.bodies for value in VALUES)
    assert verify_audit(audit) == 1 + len(heard)


def _ask_openai(address: str) -> list[str]:
    messages = [{"role": "user", "content": TEXT}]
    with OpenAI(base_url=f"{address}/v1", api_key="k") as client:
        whole = client.chat.completions.create(model="m", messages=messages)  # type: ignore[call-overload]
        pieces = client.chat.completions.create(model="m", messages=messages, stream=True)  # type: ignore[call-overload]
        streamed = "".join(chunk.choices[0].delta.content or "" for chunk in pieces)
        response = client.responses.create(model="m", input=TEXT)
        assert client.models.list().data[0].id == "fake"

    async def asynchronously() -> str:
        async with AsyncOpenAI(base_url=f"{address}/v1", api_key="k") as asked:
            stream = await asked.chat.completions.create(model="m", messages=messages, stream=True)  # type: ignore[call-overload]
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    return [whole.choices[0].message.content, streamed, response.output_text, asyncio.run(asynchronously())]


def _ask_anthropic(address: str) -> list[str]:
    message = {"role": "user", "content": TEXT}
    with Anthropic(base_url=address, api_key="k") as client:
        whole = client.messages.create(model="m", max_tokens=9, messages=[message])  # type: ignore[list-item]
        with client.messages.stream(model="m", max_tokens=9, messages=[message]) as stream:  # type: ignore[list-item]
            streamed = "".join(stream.text_stream)
            assert json.loads(json.dumps(stream.get_final_message().content[1].input)) == {"text": TEXT}  # type: ignore[union-attr]
    return [whole.content[0].text, streamed]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ([], "needs --upstream URL"),
        (["--upstream", "ftp://x"], "not a URL"),
        (["--upstream", "http://x/v1", "--types", "NAME"], "NAME"),
        (["--upstream", "http://x/v1", "--host", "0.0.0.0"], "other machines could connect"),
        (["--upstream", "http://x/v1", "--protocol", "litellm"], "it takes no --upstream"),
        (["--protocol", "litellm", "--workers", "2"], "needs one worker"),
    ],
)
def test_what_cannot_work_is_told(flags: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gateway", "--engine", "rules", "--port", "0", *flags]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("by_flag", [True, False])
def test_keys_of_clients_need_one_of_the_provider(
    by_flag: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = str(tmp_path / "keys")
    if not by_flag:
        monkeypatch.setenv("PII_SFT_API_KEYS", keys)
    assert main(["gateway", "--upstream", "http://x/v1", *(["--api-keys", keys] if by_flag else [])]) == 2
    assert "set the provider's key in $PII_SFT_UPSTREAM_KEY" in capsys.readouterr().err


def test_policies_are_for_keys_that_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policies, keys = tmp_path / "policies", tmp_path / "keys"
    policies.write_text('{"team-A": {"block": ["PASSWORD"]}}', encoding="utf-8")
    keys.write_text("team-a 0123456789abcdef\n", encoding="utf-8")
    flags = ["gateway", "--protocol", "litellm", "--engine", "rules", "--port", "0", "--policies", str(policies)]
    assert main(flags) == 2
    assert "need --api-keys" in capsys.readouterr().err
    assert main([*flags, "--api-keys", str(keys)]) == 2
    assert "team-A: no API key has this name" in capsys.readouterr().err


def test_verify_finds_what_an_engine_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gateway", "--engine", "rules", "verify"]) == 1  # rules know no names
    told = capsys.readouterr().out.splitlines()
    assert "PERSON_NAME" in told[0] and "LEFT IN CLEAR" in told[0]
    assert not told[-1].startswith("0 values")


def test_verify_finds_nothing_in_what_the_tagger_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gateway", "verify"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 values left in clear; 0 of ")


def test_an_audit_is_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text("x\n", encoding="utf-8")
    assert main(["gateway", "audit-verify", str(path)]) == 2
    assert f"{path}:1: not a line of an audit" in capsys.readouterr().err

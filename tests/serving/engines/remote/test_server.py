"""What is sent again, what is given up, and that no error holds what was sent."""

from collections.abc import Iterator

import httpx2
import pytest

from schemas.errors import ModelError
from serving.engines.remote.circuit_breaker import CircuitBreaker
from serving.engines.remote.server import Server, UnprovenRefusalError, split_address
from tests.serving.engines.remote.servers import server

BODY = {"prompt": "张三"}
URL = "http://server/v1/completions"


def statuses(*each: int | None) -> Iterator[httpx2.Response]:
    """Responses of these statuses; None: no connection."""
    for status in each:
        if status is None:
            raise httpx2.ConnectError("no")
        yield httpx2.Response(status, headers={"Retry-After": "0"}, json={"status": status})


def test_the_key_is_sent_with_the_body() -> None:
    seen: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json=[1])

    assert server(handler).post(BODY) == [1]
    assert seen[0].headers["Authorization"] == "Bearer the-key" and str(seen[0].url) == URL


def test_a_busy_server_is_asked_again() -> None:
    answers: list[int | None] = [429, 503, None, 200]
    assert server(lambda _: next(statuses(answers.pop(0)))).post(BODY) == {"status": 200}
    assert not answers


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (httpx2.Response(400, text="张三"), "status 400"),  # a server that never answered may refuse everything
        (httpx2.Response(401, text="张三"), "status 401"),
        (httpx2.Response(500, text="张三"), "status 500"),
        (httpx2.Response(200, text="张三"), "an answer that is not JSON"),
    ],
)
def test_a_server_that_fails_is_named_without_what_was_sent(response: httpx2.Response, told: str) -> None:
    with pytest.raises(ModelError) as caught:
        server(lambda _: response).post(BODY)
    assert str(caught.value) == f"{URL}: {told}"


def test_a_refusal_by_a_server_that_answers_others_is_no_failure() -> None:
    answers: list[int | None] = [200, 400, 413, 422, 200]
    one = server(lambda _: next(statuses(answers.pop(0))), breaker=CircuitBreaker(failures=1))
    assert [one.post(BODY) is None for _ in range(5)] == [False, True, True, True, False]


def test_a_server_that_stays_away_is_not_asked_for_a_while() -> None:
    now, asked = 0.0, 0

    def handler(_: httpx2.Request) -> httpx2.Response:
        nonlocal asked
        asked += 1
        return httpx2.Response(503 if now < 10 else 200, json={})

    one = server(handler, breaker=CircuitBreaker(failures=2, seconds=10.0, clock=lambda: now))
    for _ in range(2):
        with pytest.raises(ModelError, match="status 503"):
            one.post(BODY)
    with pytest.raises(ModelError, match="not asked, because the requests before failed"):
        one.post(BODY)
    assert asked == 12
    now = 10.0
    assert one.post(BODY) == {}


def test_addresses_are_split() -> None:
    assert split_address("http://s:1/v1#m") == ("http://s:1/v1", "m")
    assert split_address("https://s") == ("https://s", "")
    assert split_address("server#m") == ("", "") == split_address("")


def test_a_key_that_no_header_can_carry_is_refused() -> None:
    with pytest.raises(ModelError, match="outside ASCII"):
        Server(URL, key="钥匙")


def test_a_refusal_before_any_answer_opens_no_breaker() -> None:
    answers: list[int | None] = [400, 413, 200]
    one = server(lambda _: next(statuses(answers.pop(0))), breaker=CircuitBreaker(failures=1))
    for _ in range(2):
        with pytest.raises(UnprovenRefusalError, match="status 4"):
            one.post(BODY)
    assert one.post(BODY) == {"status": 200}


def test_an_answer_that_nests_too_deep_is_told() -> None:
    with pytest.raises(ModelError, match="an answer that is not JSON"):
        server(lambda _: httpx2.Response(200, text="[" * 200_000 + "]" * 200_000)).post(BODY)


@pytest.mark.parametrize("url", ["http://[::1", "http://user:secret@server/v1"])
def test_an_address_that_is_none_or_holds_a_password_is_refused(url: str) -> None:
    with pytest.raises(ModelError, match="the address of the server") as caught:
        Server(url)
    assert "secret" not in str(caught.value)

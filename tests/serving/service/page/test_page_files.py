"""The files of the page: how they are served, what they may not hold, and that they agree with one another."""

import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import serving.service.page
from serving.engines.rules.engine import RulesEngine
from serving.service.app import create_app

FOLDER = Path(serving.service.page.__file__).parent
HTML, CSS, SCRIPT = ((FOLDER / name).read_text(encoding="utf-8") for name in ("index.html", "page.css", "page.js"))
KINDS = {"/": "text/html", "/page.css": "text/css", "/page.js": "text/javascript"}


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(RulesEngine()))


@pytest.mark.parametrize("path", KINDS)
def test_the_page_is_served_with_a_strict_policy(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{KINDS[path]}; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    policy = dict(part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";"))
    assert policy.pop("img-src") == "'self' data:"
    own = {name for name, value in policy.items() if value == "'self'"}
    assert own == {"script-src", "style-src", "connect-src"}
    assert {name for name, value in policy.items() if value == "'none'"} == set(policy) - own
    assert {"default-src", "base-uri", "form-action", "frame-ancestors"} == set(policy) - own


def test_the_openapi_document_leaves_the_page_out(client: TestClient) -> None:
    assert not set(KINDS) & set(client.get("/openapi.json").json()["paths"])


def test_the_page_is_small() -> None:
    assert sum(len(text.encode()) for text in (HTML, CSS, SCRIPT)) < 44_000


@pytest.mark.parametrize("text", [HTML, CSS, SCRIPT], ids=["html", "css", "js"])
def test_nothing_comes_from_elsewhere(text: str) -> None:
    assert not re.search(r"https?:|//\w|@import|url\(", re.sub(r"base64,[\w+/=]+", "", text))


def test_no_text_can_become_markup_and_none_is_stored() -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|sessionStorage|indexedDB", SCRIPT
    )
    assert re.findall(r"localStorage\.(\w+)\((\w+)", SCRIPT) == [("setItem", "CHOICE"), ("getItem", "CHOICE")]


def test_the_elements_that_the_script_uses_are_there() -> None:
    ids = re.findall(r'\bid="([^"]+)"', HTML)
    used = set(re.findall(r'\$\("([^"]+)"\)', SCRIPT))
    assert len(ids) == len(set(ids))
    assert used and used <= set(ids)
    named = re.findall(r'\b(?:for|aria-labelledby|aria-describedby)="([^"]+)"', HTML)
    assert set(named) <= set(ids)


def words(language: str) -> dict[str, str]:
    match = re.search(rf"^  {language}: \{{\n(.*?)^  \}},$", SCRIPT, re.DOTALL | re.MULTILINE)
    assert match
    lines = [line.strip().removesuffix(",").split(": ", 1) for line in match[1].splitlines()]
    assert len(lines) == len({key for key, _ in lines})
    return {key: json.loads(value) for key, value in lines}


def test_both_languages_have_the_same_words() -> None:
    english, chinese = words("en"), words("zh")
    assert english.keys() == chinese.keys()
    for key, word in english.items():
        assert re.findall(r"\{\w+\}", word) == re.findall(r"\{\w+\}", chinese[key]), key


def test_every_word_that_is_used_exists() -> None:
    used = re.findall(r'data-t(?:-label)?="([^"]+)"', HTML) + re.findall(r'\bsay\("([^"]+)"', SCRIPT)
    assert set(used) <= words("en").keys()

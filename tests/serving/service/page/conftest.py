"""A browser on the page, over the rule detector."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from serving.engines.rules.engine import RulesEngine
from serving.redaction import TokenCipher
from serving.service.settings import ServiceSettings
from tests.serving.service.browser import CHROMIUM, LIMIT, launch
from tests.serving.service.server import served


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(RulesEngine(), ServiceSettings(max_characters=LIMIT)) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no chromium on the path")
    with sync_playwright() as playwright, launch(playwright) as browser:
        yield browser


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Any]:
    """Opens the page."""
    with pages(browser, address) as open_page:
        yield open_page


@pytest.fixture
def visit_with_key(browser: Any) -> Iterator[Any]:
    """Opens the page of a server that has a key."""
    settings = ServiceSettings(key=TokenCipher.new_key())
    with served(RulesEngine(), settings) as address, pages(browser, address) as open_page:
        yield open_page


@contextmanager
def pages(browser: Any, address: str) -> Iterator[Any]:
    """Opens pages; afterwards nothing may have gone elsewhere or complained, but of refused requests."""
    contexts, requests, complaints = [], [], []

    def open_page(**settings: Any) -> Any:
        context = browser.new_context(**{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **settings})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(address)
        page.locator("#types input").first.wait_for(state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert all(url.startswith((f"{address}/", "data:")) for url in requests)
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []

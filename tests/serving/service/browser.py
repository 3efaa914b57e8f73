"""A browser to look at the page with."""

import shutil
import time
from typing import Any

from playwright.sync_api import Browser, Playwright

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
NUMBER = "13800138000"
TEXT = f"😀𠮷电话{NUMBER}，邮箱a@b.com"
LIMIT = 30_000
"""Most characters that the service under the page takes."""


def launch(playwright: Playwright) -> Browser:
    """Chromium without a window."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


def found(page: Any) -> list[str]:
    texts: list[str] = page.locator("#marked mark").all_text_contents()
    return texts


def wait_for(page: Any, selector: str, text: str) -> None:
    """Playwright's own waiting looks twice a second."""
    until = time.monotonic() + 15
    while text not in page.text_content(selector):
        assert time.monotonic() < until, text
        page.wait_for_timeout(20)


def enter(page: Any, text: str) -> None:
    """Without the pause after typing."""
    page.fill("#text", text)
    page.press("#text", "Control+Enter")


def wait_for_count(page: Any, count: int) -> None:
    wait_for(page, "#status", f"{count} found")

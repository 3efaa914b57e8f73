"""Pictures of the page, taken over the embedded model: `python -m scripts.screenshots [FOLDER]`."""

import io
import sys
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from pii_sft.detector import Detector
from serving.redaction import TokenCipher
from serving.service.settings import ServiceSettings
from tests.serving.service.browser import launch
from tests.serving.service.server import served

_WIDE, _NARROW = 1280, 360


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")
    settings = ServiceSettings(key=TokenCipher.new_key())
    with (
        served(Detector.load().engine, settings) as address,
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        for name, locale, scheme, width in (
            ("light", "en-GB", "light", _WIDE),
            ("dark", "zh-CN", "dark", _WIDE),
            ("narrow", "zh-CN", "light", _NARROW),
        ):
            picture = _page(browser, address, locale, scheme, width).screenshot(full_page=width == _WIDE)
            colours = Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
            colours.save(folder / f"page-{name}.png", optimize=True)


def _page(browser: Browser, address: str, locale: str, scheme: Literal["light", "dark"], width: int) -> Page:
    """The page with its sample text, redacted, an answer to it, and the details of one value."""
    page = browser.new_page(locale=locale, color_scheme=scheme, viewport={"width": width, "height": 1200})
    page.goto(address)
    page.locator("#example").click()
    page.locator("[name=style][value=pseudonym]").check()
    page.locator("#redacted mark").first.wait_for()
    page.locator("#answer:enabled").fill("OK: [PERSON_NAME_1], [PHONE_NUMBER_1]")
    page.locator("#restored").wait_for()
    page.locator("#marked mark").nth(1).hover()
    page.evaluate("scrollTo(0, 0)")
    return page


if __name__ == "__main__":
    main()

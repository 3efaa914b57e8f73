"""The words, colours and keys of the page."""

from typing import Any

import pytest

from tests.serving.service.browser import TEXT, enter, wait_for, wait_for_count


def test_the_language_follows_the_browser_and_the_choice_is_kept(visit: Any) -> None:
    page = visit(locale="zh-CN")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.locator("#text").fill(TEXT)
    wait_for(page, "#status", "找到 2 处")
    assert page.locator("#marked mark").first.get_attribute("data-label") == "电话号码"
    page.locator("#en").click()
    wait_for_count(page, 2)
    assert page.locator("#marked mark").first.get_attribute("data-label") == "Phone number"
    assert page.locator("#text").input_value() == TEXT
    assert page.evaluate("({...localStorage})") == {"pii-sft.language": "en"}
    page.reload()
    wait_for(page, "#detect", "Detect")
    assert page.locator("#text").input_value() == ""


CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const pixel = (...layers) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of layers) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const layers = (node) => node ? [...layers(node.parentElement), getComputedStyle(node).backgroundColor] : ["white"];
  const ratio = (node, pseudo) => {
    const style = getComputedStyle(node, pseudo), below = [...layers(node), style.backgroundColor];
    const [a, b] = [light(pixel(...below)), light(pixel(...below, style.color))].sort();
    return (b + 0.05) / (a + 0.05);
  };
  for (let hue = 0; hue < 360; hue += 15) {
    const mark = document.querySelector("#marked mark").cloneNode(true);
    mark.style.setProperty("--hue", hue);
    document.querySelector("#marked").append(mark);
  }
  const own = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
  return [...document.querySelectorAll("body *")]
    .filter((node) => node.checkVisibility() && own(node) && !node.disabled)
    .flatMap((node) => [[node, null], ...(node.dataset.label && node.matches("mark") ? [[node, "::after"]] : [])])
    .map(([node, pseudo]) => [ratio(node, pseudo), `${node.tagName} ${node.textContent}`])
    .filter(([value]) => value < 4.5);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_and_the_page_never_scrolls_sideways(visit: Any, scheme: str) -> None:
    page = visit(color_scheme=scheme)
    page.locator("summary").click()
    page.locator("#text").fill(f"{TEXT} 身份证号110105194912310021 " + "https://example.com/" + "x" * 200)
    page.locator("#types-all").click()
    page.locator("[name=style][value=pseudonym]").check()
    wait_for(page, "#redacted", "[PHONE_NUMBER")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((part) => part < 60)")
    assert dark == (scheme == "dark")
    assert page.evaluate(CONTRASTS) == []
    for width in (1280, 800, 360):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRASTS) == []


def test_everything_is_reached_from_the_keyboard_and_nothing_keeps_the_focus(visit: Any) -> None:
    page = visit()
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.type(TEXT)
    page.keyboard.press("Control+Enter")
    wait_for_count(page, 2)
    reached: list[str] = []
    while "zh" not in reached and len(reached) < 20:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    expected = ["detect", "open", "clear", "score", "SUMMARY", "copy-json", "marked", "MARK", "INPUT", "zh"]
    assert [name for name in reached if name != "BODY"] == expected
    page.locator("summary").press("Enter")
    for name in ("types-default", "types-all", "types-none", "INPUT"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id || document.activeElement.tagName") == name
    page.keyboard.press("Space")
    page.locator("[name=style]:checked").press("ArrowRight")
    wait_for(page, "#redacted", "[EMAIL]")
    assert page.locator("#types-count").text_content() == "28 of 36"


def test_arrow_keys_move_between_values_and_show_their_details(visit: Any) -> None:
    page = visit()
    enter(page, TEXT)
    wait_for_count(page, 2)
    page.locator("#marked").focus()
    for key, word in (("Tab", "PHONE_NUMBER"), ("ArrowRight", "EMAIL"), ("Home", "PHONE_NUMBER"), ("End", "EMAIL")):
        page.keyboard.press(key)
        assert page.locator("#detail code").text_content() == word
    name = page.evaluate("document.activeElement.ariaLabel")
    assert name == "a@b.com, Email, Score 0.95, Source Rule, Check passed"

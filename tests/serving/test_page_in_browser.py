"""The page in a browser, over the rule detector."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from serving.rules import RuleDetector
from serving.settings import Settings

sync_api = pytest.importorskip("playwright.sync_api", reason="the page is tried in a browser with playwright")

from tests.serving.browser import CHROMIUM, launch, served  # noqa: E402 - needs playwright

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path")
NUMBER = "13800138000"
TEXT = f"😀𠮷电话{NUMBER}，邮箱a@b.com"
LIMIT = 30_000


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(RuleDetector(), Settings(max_characters=LIMIT)) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright, launch(playwright) as browser:
        yield browser


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Any]:
    """Opens the page; afterwards nothing may have gone elsewhere or complained, but of refused requests."""
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


def test_a_server_with_keys_asks_for_one_once(browser: Any, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("one the-key-of-the-page\n", encoding="utf-8")
    asked: list[str] = []
    with served(RuleDetector(), Settings(api_keys=keys)) as address:
        context = browser.new_context(locale="en-GB")
        page = context.new_page()

        def answer(dialog: Any) -> None:
            asked.append(dialog.message)
            dialog.accept("the-key-of-the-page")

        page.on("dialog", answer)
        page.goto(address)
        page.locator("#text").fill(TEXT)
        page.locator("#marked mark").first.wait_for()
        assert found(page)[0].startswith(NUMBER)
        context.close()
    assert asked == ["This server needs an API key:"]


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


def test_a_highlight_covers_exactly_the_value_after_emoji_and_rare_han(visit: Any) -> None:
    page = visit()
    page.locator("#text").press_sequentially(TEXT)
    wait_for_count(page, 2)
    assert found(page) == [NUMBER, "a@b.com"]
    assert page.locator("#marked").text_content() == TEXT
    mark = page.locator("#marked mark").first
    assert mark.get_attribute("data-label") == "Phone number"
    mark.hover()
    for word in ("PHONE_NUMBER", "Score 0.95", "Source Rule", "Check passed"):
        assert word in page.locator("#detail").text_content()
    cells = page.locator("#rows tr").first.locator("td").all_text_contents()
    assert cells == [NUMBER, "Phone number", "0.95", "Rule", "passed", "4–15"]


def test_types_and_score_limit_what_is_found(visit: Any) -> None:
    page = visit()
    enter(page, TEXT)
    wait_for_count(page, 2)
    page.locator("summary").click()
    page.get_by_label("Phone number 电话号码").uncheck()
    wait_for_count(page, 1)
    assert found(page) == ["a@b.com"]
    assert page.locator("#types-count").text_content() == "25 of 33"
    page.locator("#types-none").click()
    wait_for_count(page, 0)
    page.locator("#types-all").click()
    wait_for_count(page, 2)
    page.locator("#score").fill("0.99")
    wait_for_count(page, 0)


STYLES = {
    "label": "😀𠮷电话[PHONE_NUMBER]，邮箱[EMAIL]",
    "mask": "😀𠮷电话*******8000，邮箱*@*.*om",
    "pseudonym": "😀𠮷电话[PHONE_NUMBER_1]，邮箱[EMAIL_1]",
}


def test_a_style_shows_the_redacted_text_and_copies_it(visit: Any) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.locator("#keep").evaluate("node => { node.value = 4; }")
    page.locator("#text").fill(TEXT)
    for style, text in STYLES.items():
        page.locator(f"[name=style][value={style}]").check()
        assert page.locator("#keep").is_visible() == (style == "mask")
        wait_for(page, "#redacted", text)
        assert page.locator("#redacted mark").count() == 2
    page.locator("#copy-text").click()
    wait_for(page, "#said", "Copied")
    assert page.evaluate("navigator.clipboard.readText()") == STYLES["pseudonym"]
    page.locator("[name=style][value=surrogate]").check()
    page.locator("#redacted mark[data-label='Phone number']").wait_for()
    assert NUMBER not in page.locator("#redacted").text_content()
    page.locator("[name=style][value=off]").check()
    page.locator("#redacted").wait_for(state="hidden")
    assert page.locator("#copy-text").is_disabled()


def test_the_answer_is_copied_as_json_with_and_without_a_trusted_origin(visit: Any) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    answer = RuleDetector().detect([TEXT])[0].to_dict()
    enter(page, TEXT)
    wait_for_count(page, 2)
    page.locator("#copy-json").click()
    wait_for(page, "#said", "Copied")
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == answer
    page.evaluate("navigator.clipboard.writeText('')")
    page.evaluate("() => { Object.defineProperty(navigator, 'clipboard', { value: undefined }); }")
    page.locator("#copy-json").click()
    page.locator("#text").fill("")
    page.locator("#text").press("Control+v")
    assert json.loads(page.locator("#text").input_value()) == answer


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
    assert page.locator("#types-count").text_content() == "25 of 33"


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


def test_markup_in_a_text_stays_text(visit: Any) -> None:
    page = visit()
    text = f"<img src=x onerror=alert(1)> {NUMBER} <script>alert(2)</script> &amp; a@b.com"
    page.locator("#text").fill(text)
    page.locator("[name=style][value=label]").check()
    wait_for(page, "#redacted", "[PHONE_NUMBER")
    assert page.locator("#marked").text_content() == text
    assert page.locator("main img, main script").count() == 0


def test_a_file_is_read_in_the_browser_whatever_its_encoding_and_wherever_it_drops(visit: Any) -> None:
    page = visit()
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        file = {"name": "a.TXT", "mimeType": "text/plain", "buffer": f"{encoding}：{TEXT}".encode(encoding)}
        page.locator("#file").set_input_files(file)
        wait_for(page, "#marked", f"{encoding}：{TEXT}")
    page.locator("#file").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})
    wait_for(page, "#problem", "Only .txt")
    assert page.locator("#text").input_value() == f"utf-16：{TEXT}"
    make = "text => { const data = new DataTransfer(); data.items.add(new File([text], 'a.md')); return data; }"
    page.dispatch_event("footer", "drop", {"dataTransfer": page.evaluate_handle(make, NUMBER)})
    wait_for_count(page, 1)
    assert page.locator("#marked").text_content() == NUMBER
    assert page.locator("#problem").is_hidden()


FAILURES = {
    413: ("longer than the server takes. (413: why)", "长度上限"),
    422: ("cannot read this request", "无法处理"),
    500: ("failed", "出错"),
    503: ("busy", "繁忙"),
    418: ("refused", "拒绝"),
    None: ("does not answer", "没有响应"),
}


def test_a_failure_is_told_in_both_languages_and_the_text_stays(visit: Any) -> None:
    page = visit()
    enter(page, TEXT)
    wait_for_count(page, 2)
    for status, (english, chinese) in FAILURES.items():
        page.route("**/detect", failing(status))
        page.locator("#detect").click()
        wait_for(page, "#problem", english)
        page.locator("#zh").click()
        wait_for(page, "#problem", chinese)
        assert page.locator("#text").input_value() == TEXT
        assert found(page) == [] and page.locator("#copy-json").is_disabled()
        page.unroute("**/detect")
        page.locator("#en").click()
        page.keyboard.press("Control+Enter")
        wait_for_count(page, 2)
        assert page.locator("#problem").is_hidden()


def failing(status: int | None) -> Callable[[Any], None]:
    """A handler that answers `status`, or nothing at all."""
    detail = [{"msg": "why"}] if status == 422 else "why"
    return lambda route: route.fulfill(status=status, json={"detail": detail}) if status else route.abort()


def test_types_that_did_not_load_are_asked_for_again(visit: Any) -> None:
    page = visit()
    page.route("**/types", lambda route: route.fulfill(status=503, json={"detail": "busy"}))
    page.reload()
    wait_for(page, "#problem", "busy")
    page.unroute("**/types")
    enter(page, TEXT)
    wait_for_count(page, 2)
    assert page.locator("#types input").count() == 33


def test_an_answer_that_comes_late_is_dropped(visit: Any) -> None:
    page = visit()
    held: list[Any] = []
    page.route(
        "**/detect", lambda route: held.append(route) if "first" in route.request.post_data else route.continue_()
    )
    with page.expect_request("**/detect"):
        page.locator("#text").fill(f"first {NUMBER}")
    enter(page, TEXT)
    wait_for_count(page, 2)
    held[0].fulfill(json={"entities": []})
    page.wait_for_timeout(100)
    assert found(page) == [NUMBER, "a@b.com"]
    assert page.locator("#result").get_attribute("aria-busy") == "false"


def test_a_redaction_of_another_style_is_not_shown(visit: Any) -> None:
    page = visit()
    held: list[Any] = []
    page.route("**/redact", lambda route: held.append(route))
    with page.expect_request("**/redact"):
        page.locator("[name=style][value=label]").check()
        enter(page, TEXT)
    page.locator("[name=style][value=off]").check()
    held[-1].continue_()
    wait_for_count(page, 2)
    assert page.locator("#redacted").is_hidden() and page.locator("#copy-text").is_disabled()
    page.locator("[name=style][value=label]").check()
    assert page.locator("#redacted").text_content() == STYLES["label"]


def test_a_long_text_waits_for_the_button(visit: Any) -> None:
    page = visit()
    text = f"😀 {NUMBER}\n\n" * 250 + "字" * 20_000
    page.locator("#text").fill(text)
    page.locator("#stale").wait_for()
    page.wait_for_timeout(500)
    assert found(page) == []
    page.locator("#detect").click()
    wait_for_count(page, 250)
    assert page.locator("#stale").is_hidden()
    assert found(page) == [NUMBER] * 250
    assert page.locator("#marked").text_content() == text
    page.locator("#text").fill("字" * (LIMIT + 1))
    page.locator("#detect").click()
    wait_for(page, "#problem", f"413: more than {LIMIT} characters")


def test_the_example_shows_values_and_clear_empties_the_page(visit: Any) -> None:
    page = visit()
    page.locator("#example").click()
    page.locator("#rows tr").nth(5).wait_for()
    page.locator("#clear").click()
    page.locator("#list").wait_for(state="hidden")
    assert page.locator("#status").text_content() == ""

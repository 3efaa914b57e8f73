"""Keys, failures and answers that come late."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from serving.engines.rules.engine import RulesEngine
from serving.service.settings import ServiceSettings
from tests.serving.service.browser import LIMIT, NUMBER, TEXT, enter, found, wait_for, wait_for_count
from tests.serving.service.server import served


def test_a_server_with_keys_asks_for_one_once(browser: Any, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("one the-key-of-the-page\n", encoding="utf-8")
    asked: list[str] = []
    with served(RulesEngine(), ServiceSettings(api_keys=keys)) as address:
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
    assert page.locator("#types input").count() == 36


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
    assert page.locator("#redacted").text_content() == "😀𠮷电话[PHONE_NUMBER]，邮箱[EMAIL]"


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

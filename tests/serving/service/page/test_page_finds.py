"""What the page finds in a text, and what it gives away of it."""

import json
from typing import Any

from serving.engines.rules.engine import RulesEngine
from tests.serving.service.browser import NUMBER, TEXT, enter, found, wait_for, wait_for_count


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
    assert page.locator("#types-count").text_content() == "28 of 36"
    page.locator("#types-none").click()
    wait_for_count(page, 0)
    page.locator("#types-all").click()
    wait_for_count(page, 2)
    page.locator("#score").fill("0.99")
    wait_for_count(page, 0)


OPERATORS = {
    "label": "😀𠮷电话[PHONE_NUMBER]，邮箱[EMAIL]",
    "mask": "😀𠮷电话*******8000，邮箱*@*.*om",
    "pseudonym": "😀𠮷电话[PHONE_NUMBER_1]，邮箱[EMAIL_1]",
}


def test_a_style_shows_the_redacted_text_and_copies_it(visit: Any) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.locator("#keep").evaluate("node => { node.value = 4; }")
    page.locator("#text").fill(TEXT)
    for style, text in OPERATORS.items():
        page.locator(f"[name=style][value={style}]").check()
        assert page.locator("#keep").is_visible() == (style == "mask")
        wait_for(page, "#redacted", text)
        assert page.locator("#redacted mark").count() == 2
    page.locator("#copy-text").click()
    wait_for(page, "#said", "Copied")
    assert page.evaluate("navigator.clipboard.readText()") == OPERATORS["pseudonym"]
    page.locator("[name=style][value=surrogate]").check()
    page.locator("#redacted mark[data-label='Phone number']").wait_for()
    assert NUMBER not in page.locator("#redacted").text_content()
    page.locator("[name=style][value=off]").check()
    page.locator("#redacted").wait_for(state="hidden")
    assert page.locator("#copy-text").is_disabled()


def test_the_answer_is_copied_as_json_with_and_without_a_trusted_origin(visit: Any) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    answer = RulesEngine().detect([TEXT])[0].to_dict()
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


def test_the_example_shows_values_and_clear_empties_the_page(visit: Any) -> None:
    page = visit()
    page.locator("#example").click()
    page.locator("#rows tr").nth(5).wait_for()
    page.locator("#clear").click()
    page.locator("#list").wait_for(state="hidden")
    assert page.locator("#status").text_content() == ""


def test_the_values_come_back_into_an_answer(visit_with_key: Any) -> None:
    page = visit_with_key()
    enter(page, TEXT)
    wait_for_count(page, 2)
    assert not page.locator("#answer").is_visible()
    for style in ("surrogate", "pseudonym"):
        page.locator(f"[name=style][value={style}]").check()
        page.locator("#answer:enabled").wait_for()
        page.locator("#answer").fill("收到：" + page.locator("#redacted").text_content() + "[EMAIL_7]")
        wait_for(page, "#restored", f"收到：{TEXT}[EMAIL_7]")
    wait_for(page, "#restored-hint", "Stand-ins without a value: 1")
    page.locator("[name=style][value=mask]").check()
    page.locator("#answer").wait_for(state="hidden")
    page.locator("[name=style][value=pseudonym]").check()
    enter(page, TEXT + "，电话13912345678")  # what was an answer to the text before is none to this one
    wait_for_count(page, 3)
    assert page.locator("#answer").input_value() == "" and not page.locator("#restored").is_visible()


def test_a_server_without_a_key_says_that_nothing_comes_back(visit: Any) -> None:
    page = visit()
    enter(page, TEXT)
    page.locator("[name=style][value=pseudonym]").check()
    wait_for(page, "#redacted", OPERATORS["pseudonym"])
    wait_for(page, "#answer-hint", "has no key for the way back")
    assert page.locator("#answer").is_disabled()

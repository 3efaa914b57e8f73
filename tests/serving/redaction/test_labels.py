"""What language models make of stand-ins in brackets."""

import pytest

from schemas.taxonomy import ALL_TYPES
from schemas.taxonomy import EntityType as T
from serving.redaction.labels import find_labels, label, label_keys, open_label

KINDS = frozenset(ALL_TYPES)
CHANGED = [
    "[PERSON_NAME_1]",
    "[person_name_1]",
    "PERSON_NAME_1",
    "PERSON\\_NAME\\_1",
    "【PERSON_NAME_1】",
    "〔Person Name 1〕",
    "［ＰＥＲＳＯＮ＿ＮＡＭＥ＿１］",
    "[PERSON\\_NAME\\_1]",
    "\\[PERSON\\_NAME\\_1\\]",
    "[ PERSON_NAME _ 1 ]",
    "[PERSON-NAME-1]",
    "[PERSON_NAME1]",
    "[PersonName1]",
    "<PERSON_NAME_1>",
    "{PERSON_NAME_1}",
]


@pytest.mark.parametrize("changed", CHANGED)
@pytest.mark.parametrize("around", ["{}", "联系{}。", "({})", "**{}**", "{}'s", "C:\\{}", "“{}”"])
def test_changed_labels_are_found_whole(changed: str, around: str) -> None:
    ((start, end, keys),) = find_labels(around.replace("{}", changed), KINDS)
    assert around.replace("{}", changed)[start:end] == changed
    assert keys == label_keys(label(T.PERSON_NAME, 1), KINDS)


@pytest.mark.parametrize(
    "text",
    [
        "person_name_1",
        "Email 1: a",
        "XPERSON_NAME_1",
        "PERSON_NAME_1x",
        "my_EMAIL_1",
        "[1]",
        "[Address]",
        "(email 2)",
        "{url_1}",
    ],
)
def test_other_words_are_no_labels(text: str) -> None:
    assert not list(find_labels(text, KINDS))


def test_forms_and_digests_have_keys_of_their_own() -> None:
    texts = ("[URL_12]", "[URL_1_2]", "[URL_3f2a90c1b7d4]", "[URL_3F2A90C1B7D4_9c1e]")
    keys = [label_keys(text, KINDS) for text in texts]
    assert keys == [
        ["url_12"],
        ["url_1_2", "url_1"],
        ["url_3f2a90c1b7d4"],
        ["url_3f2a90c1b7d4_9c1e", "url_3f2a90c1b7d4"],
    ]
    assert [keys for *_, keys in find_labels("[PERSON_NAME] and [EMAIL]", KINDS)] == [[], []]


def test_a_long_text_of_brackets_takes_no_long_time() -> None:
    assert not list(find_labels("\\[ PERSON NAME" * 20_000 + "[" * 100_000, KINDS))


@pytest.mark.parametrize(("text", "waits"), [("}", False), ("{}", False), ("{", True), ("<", True), ("{PERSON_", True)])
def test_a_closing_brace_alone_begins_no_label(text: str, waits: bool) -> None:
    assert (open_label(f"a {text}", KINDS) < len(text) + 2) is waits

"""Where names of persons begin and end."""

import pytest

from serving.engines.fitting.names import name_spans


def names(marked: str) -> list[str]:
    """The names in what stands in 〔〕."""
    before, _, rest = marked.partition("〔")
    value, _, after = rest.partition("〕")
    text = before + value + after
    return [text[start:end] for start, end in name_spans(text, len(before), len(before) + len(value))]


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        ("Ask 〔Mr. Tom Baker〕", "Tom Baker"),
        ("〔Mrs Olga Petrova〕", "Olga Petrova"),
        ("〔MS. KATE LOWE〕", "KATE LOWE"),
        ("〔Prof. Dr. Hans Weber〕", "Hans Weber"),
        ("〔Sir Henry Cole〕", "Henry Cole"),
        ("〔Lady Ada Cole〕", "Ada Cole"),
        ("〔Prime Minister Ada Cole〕", "Ada Cole"),
        ("〔CEO Ada Cole〕", "Ada Cole"),
        ("〔Tenant Ada Cole〕", "Ada Cole"),
        ("〔Capt. Ian Moss〕", "Ian Moss"),
        ("〔Mr. 贾〕", "贾"),
        ("〔Ruth Lane, PhD〕", "Ruth Lane"),
        ("〔Mark Hill Jr.〕", "Mark Hill"),
        ("〔Cheers, Nina〕", "Nina"),
        ("**〔*贾明〕", "贾明"),
        ("〔**贾明**〕", "贾明"),
        ("〔贾*〕", "贾*"),
        ("〔“贾明”〕", "贾明"),
        ("〔@贾明〕", "贾明"),
        ("Kno〔w Ruth Lane〕", "Ruth Lane"),
        ("〔Ruth Lane Sch〕eduled", "Ruth Lane"),
        ("微信〔加贾明宇〕", "贾明宇"),
        ("微信加于〔佳〕", "于佳"),
        ("请〔贾明于〕周五前交", "贾明"),
        ("〔贾明之〕女", "贾明"),
        ("叫〔贾明来〕", "贾明"),
        ("〔贾明来〕了", "贾明来"),
        ("到场于〔佳明〕", "佳明"),
        ("〔和贾明〕说", "贾明"),
        ("〔其子贾明〕", "贾明"),
    ],
)
def test_titles_marks_and_verbs_stay_outside(marked: str, name: str) -> None:
    assert names(marked) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "Drew Barr",
        "Msgr",
        "Missy Cole",
        "Smith, John",
        "O'Neil",
        "加藤惠",
        "和田秀树",
        "加西亚·马尔克斯",
        "贾明",
        "叶其子",
    ],
)
def test_what_only_looks_like_a_title_or_verb_stays(name: str) -> None:
    assert names(f"见〔{name}〕。") == [name]


@pytest.mark.parametrize(
    ("marked", "listed"),
    [
        ("〔Lena, Omar, Ruth〕", ["Lena", "Omar", "Ruth"]),
        ("〔Lena, Omar〕 and Ruth", ["Lena", "Omar"]),
        ("〔Lena and Omar〕", ["Lena", "Omar"]),
        ("〔Lena Fox, Omar Aziz〕", ["Lena Fox", "Omar Aziz"]),
        ("〔贾明、祁连〕", ["贾明", "祁连"]),
        ("〔贾明，祁连〕", ["贾明", "祁连"]),
        ("〔Lena Fox\nOmar〕", ["Lena Fox", "Omar"]),
    ],
)
def test_each_name_of_a_list_is_its_own(marked: str, listed: list[str]) -> None:
    assert names(marked) == listed


@pytest.mark.parametrize("marked", ["〔Mr.〕", "Dear 〔Sir Or Madam〕,", "〔**〕", "〔Quar〕terly"])
def test_a_title_or_a_part_of_a_word_is_no_name(marked: str) -> None:
    assert names(marked) == []

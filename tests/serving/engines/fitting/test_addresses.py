"""Where addresses begin and end."""

import pytest

from serving.engines.fitting.addresses import address_span


@pytest.mark.parametrize(
    ("marked", "address"),
    [
        ("〔学府路9号2单元1〕20313612345678", "学府路9号2单元1203"),
        ("〔学府路9号2栋〕110413612345678", "学府路9号2栋1104"),
        ("〔学府路9号2栋3〕单元50213612345678", "学府路9号2栋3单元502"),
        ("〔学府路9号2栋50213612345678〕", "学府路9号2栋502"),
        ("〔学府路9号〕A座50213612345678", "学府路9号A座502"),
        ("〔学府路9号C〕座50213612345678", "学府路9号C座502"),
        ("〔学府路9号2栋17〕54，贾明", "学府路9号2栋1754"),
        ("〔学府路9号〕，13612345678", "学府路9号"),
        ("〔学府路9号〕2024年", "学府路9号"),
    ],
)
def test_an_address_ends_where_its_numbers_do(marked: str, address: str) -> None:
    inner, _, after = marked.removeprefix("〔").partition("〕")
    text = inner + after
    start, end = address_span(text, 0, len(inner))
    assert text[start:end] == address


@pytest.mark.parametrize(
    ("marked", "address"),
    [
        ("住〔臺中市示範路9號7樓〕之3，", "臺中市示範路9號7樓之3"),
        ("住〔臺中市示範路9號〕之一。", "臺中市示範路9號之一"),
        ("住〔臺中市示範路9號〕7樓之3，", "臺中市示範路9號7樓之3"),
        ("To Flat C, 8/F, Blo〔ck 2, 9 Sample Road〕", "Flat C, 8/F, Block 2, 9 Sample Road"),
        ("〔灣仔示範道9號7樓〕C室", "灣仔示範道9號7樓C室"),
        ("〔灣仔示範道9號示範大廈〕之一", "灣仔示範道9號示範大廈"),
        ("To: Flat 6C, 8/F, Tower 1, 〔9 Sample Road, Kowloon〕", "Flat 6C, 8/F, Tower 1, 9 Sample Road, Kowloon"),
        ("Rm. 12, The Sample House, 〔9 Sample Road〕", "Rm. 12, The Sample House, 9 Sample Road"),
        ("Ask Kevin Young, 〔9 Sample Road〕", "9 Sample Road"),
    ],
)
def test_units_of_taiwan_and_hong_kong_belong_to_the_address(marked: str, address: str) -> None:
    before, _, rest = marked.partition("〔")
    inner, _, after = rest.partition("〕")
    text = before + inner + after
    start, end = address_span(text, len(before), len(before) + len(inner))
    assert text[start:end] == address

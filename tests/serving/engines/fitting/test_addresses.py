"""Where addresses end."""

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

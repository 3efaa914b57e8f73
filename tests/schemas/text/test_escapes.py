r"""Escapes stand for characters, and what stands for none is left as it is."""

import pytest

from schemas.text.escapes import DecodedText, decoded, unescaped
from schemas.text.text import Text


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (r"\u5f20 \\u4E09", "张 三"),
        (r"\ud842\udfb7\ud842", r"𠮷\ud842"),
        ("&#24352;&#x4e09;&#X4E09; &#55362; &#9999999; &amp;", "张三三 &#55362; &#9999999; &amp;"),
        ("%E5%BC%A0%20%40%2B %ff%E5%BC%A0%26 %E5 5% %zz", "张%20@+ %ff张%26 %E5 5% %zz"),
        (r"C:\users\uxyz \u+", r"C:\users\uxyz \u+"),
        (r"C:\\Users\\\u5f20 \\\\\\u5f20 \\\\u5f20", r"C:\\Users\\张 \\\\张 张"),
        ("张\u200b\u200b三 \u202d138\u202c 1️⃣ 👨\u200d👩", "张三 \u202d138\u202c 1️⃣ 👨\u200d👩"),
        ("1234567\ufeff7654321 123\ufeff456", "1234567-7654321 123456"),
        (r"a\u0022b\u005c\u0020\u000a&#34;&#0024352;", r"a\u0022b\u005c\u0020\u000a&#34;张"),
    ],
)
def test_characters_of_escapes(written: str, plain: str) -> None:
    assert decoded(written) == plain
    read = DecodedText.of(Text.of(written))
    assert (read.text, read.written) == (plain, written)
    if read.places is not None:
        characters = [decoded(written[start:end]) for start, end in read.places]
        assert [char if char.isprintable() or char in plain else "-" for char in characters] == list(plain)


def test_escapes_of_json_in_escapes_of_json() -> None:
    assert unescaped(r"\ud842\udfb7 \\ud842\\udfb7 \u005cu5f20 %41 &#65;") == "𠮷 𠮷 张 %41 &#65;"

r"""Escapes stand for characters, and what stands for none is left as it is."""

from itertools import pairwise

import pytest

from schemas.text.escapes import DecodedText, decoded, unescaped
from schemas.text.text import Text


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (r"\u5f20 \\u4E09", "张 三"),
        (r"\ud842\udfb7\ud842", r"𠮷\ud842"),
        ("&#24352;&#x4e09;&#X4E09; &#55362; &#9999999; &amp;", "张三三 &#55362; &#9999999; &amp;"),
        ("%E5%BC%A0%20%40%2B %ff%E5%BC%A0%26 %E5 5% %zz", "张&@+ %ff张& %E5 5% %zz"),
        ("a%22b%3A1%0A2%3d%5c 涨5%20元 20%26号", "a&b:1&2=& 涨5%20元 20%26号"),
        (r"\u{5f20}\u{1F600}\U00005f20\\u{4e09} \u{} \u{110000}", r"张😀张三 \u{} \u{110000}"),
        (r"\xe5\xbc\xa0\xE4\xB8\x89 \\xe5\\xbc\\xa0 \xe5\xbc \xff", r"张三 张 \xe5\xbc \xff"),
        (r"{\x22a\x22:\x22138\x22,\x0a}", '{"a":"138", }'),
        (r"D:\x64\x86\xampp \x5Cu5f20 \x31", r"D:\x64\x86\xampp \x5Cu5f20 \x31"),
        (r"C:\x2b_li\x3chen D\x20240101 \x264 linux64\x64", r"C:\x2b_li\x3chen D\x20240101 \x264 linux64\x64"),
        (r"C:\\\xe5\xbc\xa0\\D \\\345\274\240 D:\\20\\\u{31}2", r"C:\\张\\D \\张 D:\\20\\12"),
        ("\x1b[1;31m138\x1b[0m" + r"\033[31m4\x1b[0m5\u001b[K6\e[0m", " 138  4 5 6 "),
        (r"\345\274\240\344\270\211.pdf \345\274 \101", r"张三.pdf \345\274 \101"),
        (r"C:\users\uxyz \u+", r"C:\users\uxyz \u+"),
        (r"C:\\Users\\\u5f20 \\\\\\u5f20 \\\\u5f20", r"C:\\Users\\张 \\\\张 张"),
        (r"a\u0022b\u005c\u0020\u000a&#34;&#0024352;", r'a"b\u005c  "张'),
        (r"\u3000138\u00a0\302\240\343\200\200\x01\xc2\xa0\x{5f20}", " 138     张"),
        (r"张\n138\t三\\r\\n1 a\nb@c.de 好\nTom x\n", "张 138 三  1 a b@c.de 好 Tom x "),
        (r"%u5F20%u4e09%uD83D%uDE00 %uD83D %u12", "张三😀 %uD83D %u12"),
        (r"1\f2\v3\0" + r"4\x0b5\x00x\x1f6 \frac \vec C:\files", r"1 2 3 4 5 x 6 \frac \vec C:\files"),
        ("\x1b[?25h138\x1b(B4" + r"\033[?25l5\e(B6", " 138 4 5 6"),
        (r"C:\new\tom CORP\nancy ..\test \\host\read ~\temp", r"C:\new\tom CORP\nancy ..\test \\host\read ~\temp"),
        ("张\u200d\u200d三\ufe0f\u200b\u200d4", "张三4"),
        ("张\u200b\u200b三 \u202d138\u202c 1️⃣ 👨\u200d👩", "张三 138 1️⃣ 👨\u200d👩"),
        (r"1234567\u200b7654321&#8203;1" + "\ufeff2 \u3164", "123456776543211" + "2 "),
    ],
)
def test_characters_of_escapes(written: str, plain: str) -> None:
    assert decoded(written) == plain
    read = DecodedText.of(Text.of(written))
    assert (read.text, read.written, read.is_written) == (plain, written, plain == written)
    if not read.is_written:
        places = list(zip(read.starts, read.ends, strict=True))
        assert [decoded(written[start:end]) or "?" for start, end in places] == list(plain)
        assert all(start < end for start, end in places)
        assert all(before[1] <= after[0] for before, after in pairwise(places))


def test_letters_and_digits_in_a_row_are_escapes_where_one_alone_is_a_part_of_a_path() -> None:
    assert decoded(r"13812345678\x41\x42 \x43\x44") == r"13812345678\x41B CD"
    written = r"D:\x64\bin \x31\x2e\x3867\x2d\x39"
    read = DecodedText.of(Text.of(written))
    assert read.text == r"D:\x64\bin 1.867-9"
    assert written[slice(*read.place(len(read.text) - 7, len(read.text)))] == r"\x31\x2e\x3867\x2d\x39"


def test_escapes_of_json_in_escapes_of_json() -> None:
    assert unescaped(r"\ud842\udfb7 \\ud842\\udfb7 \u005cu5f20 %41 &#65;") == "𠮷 𠮷 张 %41 &#65;"

import json

from hypothesis import given
from hypothesis import strategies as st

from schemas.json_lines import json_line


@given(st.text(st.sampled_from('a中"\\\n\r\x0b\x0c\x1c\x85\u2028\u2029😀')))
def test_a_line_is_one_to_every_reader(text: str) -> None:
    line = json_line({"text": text})
    assert line.splitlines(keepends=True) == [line]
    assert json.loads(line) == {"text": text}

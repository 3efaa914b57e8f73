"""Names that are masked, and so no entity (docs/annotation.md, general rule 4): 张*, 陈○宏, 范某某, J*** S."""

import re

from schemas.text.surnames import COMPOUND_SURNAMES

_MASK = "(?:[*○◯●×■□某]|[Xx](?![A-WYZa-wyz0-9]))"
_MASKED = re.compile(rf"[㐀-鿿]{{0,2}}{_MASK}{{1,3}}[㐀-鿿]{{0,2}}|[A-Za-z]{{1,20}}[*]{{1,20}}[A-Za-z]{{0,20}}")
_SURNAME = re.compile(f"[㐀-鿿]|{'|'.join(COMPOUND_SURNAMES)}")
_IS_MASK = re.compile(_MASK)


def is_masked_name(text: str, start: int, end: int) -> bool:
    """Whether the name from `start` to `end` of folded `text` is masked: within, or behind the surname that it is.

    Marks on both sides of a surname are Markdown's.
    """
    if _MASKED.fullmatch(text, start, end):
        return True
    if not _SURNAME.fullmatch(text, start, end) or _IS_MASK.match(text, start - 1 if start else end, start):
        return False
    return bool(_IS_MASK.match(text, end))

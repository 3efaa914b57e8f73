"""Names that are masked, and so no entity (docs/annotation.md, general rule 4): 张*, 陈○宏, 范某某, J*** S."""

import re

_MASK = "(?:[*○◯●×■□某]|[Xx](?![A-WYZa-wyz0-9]))"
_MASKED = re.compile(rf"[㐀-鿿]{{0,2}}{_MASK}{{1,3}}[㐀-鿿]{{0,2}}|[A-Za-z]{{1,20}}[*]{{1,20}}[A-Za-z]{{0,20}}")
_COMPOUND_SURNAMES = (
    "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|皇甫|尉迟|尉遲|公孙|公孫|慕容|令狐|司徒|夏侯|端木|东方|東方|南宫|长孙|宇文"
)
_SURNAME = re.compile(f"[㐀-鿿]|{_COMPOUND_SURNAMES}")
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

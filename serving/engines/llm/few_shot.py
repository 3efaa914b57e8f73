"""Three examples with answers, for a model that was not trained on the task. Every value in them is made up."""

from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType

_T = EntityType
_TEXTS: tuple[tuple[str, tuple[tuple[str, EntityType], ...]], ...] = (
    (
        "收货人：欧阳婷，手机159 0000 4321，寄到江苏省苏州市虎丘区科技城路12号3幢201室。欧阳婷的会员号不用填。",
        (
            ("欧阳婷", _T.PERSON_NAME),
            ("159 0000 4321", _T.PHONE_NUMBER),
            ("江苏省苏州市虎丘区科技城路12号3幢201室", _T.ADDRESS),
            ("欧阳婷", _T.PERSON_NAME),
        ),
    ),
    ("本周三下午两点在三楼会议室开会，请大家准时参加，不用带材料。", ()),
    (
        "Please wire it to Mr. Anton Berg, account 6222020200012345678, and confirm to a.berg@example.org.",
        (
            ("Anton Berg", _T.PERSON_NAME),
            ("6222020200012345678", _T.BANK_ACCOUNT_NUMBER),
            ("a.berg@example.org", _T.EMAIL),
        ),
    ),
)


def _example(number: int, text: str, values: tuple[tuple[str, EntityType], ...]) -> Example:
    entities = []
    end = 0
    for value, kind in values:
        start = text.index(value, end)
        end = start + len(value)
        entities.append(Entity(start, end, kind))
    return Example(Document(f"few-shot-{number}", text), tuple(entities), "few-shot")


FEW_SHOT_EXAMPLES = tuple(_example(number, text, values) for number, (text, values) in enumerate(_TEXTS))

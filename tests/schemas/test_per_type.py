import pytest

from schemas.errors import UnknownTypeError
from schemas.per_type import PerType
from schemas.taxonomy import ALL_TYPES
from schemas.taxonomy import EntityType as T


def test_one_value_or_one_for_each_type() -> None:
    assert PerType.of(0.5, 0.0)[T.EMAIL] == 0.5
    some: PerType[float] = PerType.of({"EMAIL": 0.9}, 0.1)
    assert (some[T.EMAIL], some[T.AGE]) == (0.9, 0.1) and PerType.of(some, 1.0) is some
    others: PerType[float] = PerType.of({"EMAIL": 0.9, "DEFAULT": 0.3}, 0.1)
    assert list(others) == [0.3, 0.9] and others.map(str)[T.AGE] == "0.3"


def test_unknown_types_are_refused() -> None:
    with pytest.raises(UnknownTypeError, match=r"'员工号'.*valid types: .*DEFAULT"):
        PerType.of({"员工号": 1}, 0)
    own = T.named("员工号")
    assert PerType.of({"员工号": 1}, 0, [*ALL_TYPES, own])[own] == 1

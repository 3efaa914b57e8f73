"""Drawing by hash."""

import random

from data_builders.sources.draw import draw
from schemas.spans.entity import Document, Example


def numbered(count: int) -> list[Example]:
    return [Example(Document(f"row-{number}", "x"), (), "test") for number in range(count)]


def test_a_draw_depends_on_the_rows_and_the_seed_alone() -> None:
    rows = numbered(500)
    drawn = draw(rows, 50, seed=1)
    shuffled = random.Random(2).sample(rows, len(rows))
    assert len({row.document.id for row in drawn}) == 50
    assert draw(iter(shuffled), 50, seed=1) == drawn
    assert draw(rows, 50, seed=2) != drawn
    assert draw(rows, 20, seed=1) == drawn[:20]
    assert len(draw(rows, 1000, seed=1)) == 500
    assert draw(rows, 0, seed=1) == []

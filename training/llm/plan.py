"""The plan of a run: which rows each batch holds and which types they are asked about, fixed before it starts.

Everything follows from seed, epoch and row, so a resumed run and a run on more devices see the same batches.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.llm.prompt import usual_types
from schemas.spans.entity import Example
from schemas.taxonomy import EntityType
from training.llm.recipe import Batches, Sampling
from training.llm.rows import Row, Turn

_POOL = 64
"""Batches whose rows are sorted by length together."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One showing of a row: its number, and the types asked about (none for general dialogue)."""

    row: int
    types: tuple[EntityType, ...]


def make_plan(rows: Sequence[Row], sampling: Sampling, batches: Batches, epochs: int, seed: int) -> list[list[Draw]]:
    """The batches of all epochs in order, each of `batches.examples` draws but for the last of an epoch."""
    weights = _weights(rows, sampling)
    return [batch for epoch in range(epochs) for batch in _epoch(rows, weights, sampling, batches, f"{seed}:{epoch}")]


def request(example: Example, sampling: Sampling, chance: random.Random) -> tuple[EntityType, ...]:
    """The types that one showing of `example` asks about; never none."""
    if chance.random() < sampling.all_types:
        return usual_types(example)
    present = sorted({entity.type for entity in example.entities})
    absent = [kind for kind in example.annotated if kind not in present]
    kept = [kind for kind in present if chance.random() < 0.9]
    others = chance.sample(absent, min(len(absent), chance.choice((0, 1, 2, 4, 8, 16))))
    chosen = kept + others or [chance.choice(example.annotated)]
    chance.shuffle(chosen)
    return tuple(chosen)


def _weights(rows: Sequence[Row], sampling: Sampling) -> list[float]:
    """How often an epoch shows each row, 1 on average over the annotated ones."""
    counts = Counter(entity.type for row in rows if isinstance(row, Example) for entity in row.entities)
    raw = [
        min((counts[entity.type] for entity in row.entities), default=len(rows)) ** -sampling.type_power
        * (1 + len(row.entities)) ** sampling.entity_power
        if isinstance(row, Example)
        else 0.0
        for row in rows
    ]
    shown = sum(weight > 0 for weight in raw)
    scale = shown / sum(raw) if shown else 0.0
    return [weight * scale for weight in raw]


def _epoch(
    rows: Sequence[Row], weights: Sequence[float], sampling: Sampling, batches: Batches, seed: str
) -> Iterator[list[Draw]]:
    chance = random.Random(seed)
    draws = []
    for number, (row, weight) in enumerate(zip(rows, weights, strict=True)):
        times = int(weight) + (chance.random() < weight % 1)
        if isinstance(row, Example):
            draws += [Draw(number, request(row, sampling, chance)) for _ in range(times)]
    draws = _without_empty(draws, rows, sampling.empty_answers, chance)
    draws += _general(rows, round(len(draws) * sampling.general / (1 - sampling.general)), chance)
    chance.shuffle(draws)
    yield from _batches(draws, rows, batches, chance)


def _without_empty(draws: list[Draw], rows: Sequence[Row], share: float, chance: random.Random) -> list[Draw]:
    empty = [draw for draw in draws if not _has_answer(draw, rows[draw.row])]
    full = len(draws) - len(empty)
    most = len(empty) if share == 1 else min(len(empty), round(full * share / (1 - share)))
    kept = set(chance.sample(range(len(empty)), most))
    dropped = {id(draw) for number, draw in enumerate(empty) if number not in kept}
    return [draw for draw in draws if id(draw) not in dropped]


def _has_answer(draw: Draw, row: Row) -> bool:
    return isinstance(row, Example) and any(entity.type in draw.types for entity in row.entities)


def _general(rows: Sequence[Row], count: int, chance: random.Random) -> list[Draw]:
    turns = [number for number, row in enumerate(rows) if isinstance(row, Turn)]
    return [Draw(number, ()) for number in chance.sample(turns, min(count, len(turns)))]


def _batches(draws: list[Draw], rows: Sequence[Row], batches: Batches, chance: random.Random) -> Iterator[list[Draw]]:
    """Cut `draws` into batches; of the same question and like length when asked, which are shuffled again."""
    size = batches.examples
    if batches.group_by_length:
        pool = size * _POOL
        pools = [draws[start : start + pool] for start in range(0, len(draws), pool)]
        draws = [draw for part in pools for draw in sorted(part, key=lambda draw: _likeness(draw, rows[draw.row]))]
    cut = [draws[start : start + size] for start in range(0, len(draws), size)]
    whole, rest = (cut, []) if not cut or len(cut[-1]) == size else (cut[:-1], cut[-1:])
    if batches.group_by_length:
        chance.shuffle(whole)
    yield from whole + rest


def _likeness(draw: Draw, row: Row) -> tuple[tuple[EntityType, ...], int]:
    """What is asked about, and how many characters the row has."""
    return draw.types, len(row.turn) + len(row.reply) if isinstance(row, Turn) else len(row.document.text)

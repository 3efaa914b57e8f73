"""General text against forgetting: turns of dialogue as instruction pairs, without entities."""

import random
from itertools import pairwise

from data_builders.dataset.recipe import General
from data_builders.sources.tables import read_rows
from schemas.errors import DataError


def read_general(source: General, seed: int) -> list[dict[str, str]]:
    """Pairs of neighbouring turns from rows of `id` and `text`, in Alpaca form, drawn at random.

    Turns of one dialogue share the part of their id before the last hyphen. Raises DataError when the file is missing
    or a row lacks these columns.
    """
    if source.path is None:
        raise DataError("sources.general.path: general text needs a file of dialogue turns")
    turns = []
    for place, row in read_rows(source.path):
        if not isinstance(row.get("id"), str) or not isinstance(row.get("text"), str):
            raise DataError(f"{place}: general text needs the columns id and text")
        turns.append((row["id"].rpartition("-")[0], row["text"]))
    pairs = [
        {"instruction": before, "input": "", "output": after}
        for (dialogue, before), (next_dialogue, after) in pairwise(turns)
        if dialogue == next_dialogue and before.strip() and after.strip()
    ]
    return random.Random(seed).sample(pairs, min(source.count or 0, len(pairs)))

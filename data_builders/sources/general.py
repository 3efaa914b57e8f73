"""General text against forgetting: turns of dialogue as instruction pairs, without entities."""

import random
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from data_builders.sources.files import hashes
from data_builders.sources.source import PairSource
from data_builders.sources.tables import read_rows
from schemas.errors import DataError


class General(PairSource):
    """Dialogue turns: `path` holds rows of `id` and `text`, neighbours being turns of one dialogue."""

    path: Path | None = None

    @model_validator(mode="after")
    def _only_a_count(self) -> Self:
        if self.enabled and self.share is not None:
            raise ValueError("general text takes a count, not a share")
        return self

    def pairs(self, seed: int) -> list[dict[str, str]]:
        """Pairs of neighbouring turns, drawn at random.

        Turns of one dialogue share the part of their id before the last hyphen. Raises DataError when the file is
        missing or a row lacks these columns.
        """
        if self.path is None:
            raise DataError("sources.general.path: general text needs a file of dialogue turns")
        turns = []
        for place, row in read_rows(self.path):
            for column in ("id", "text"):
                if not isinstance(row.get(column), str):
                    raise DataError(f"{place}: {column} is {'no text' if column in row else 'missing'}")
            turns.append((row["id"].rpartition("-")[0], row["text"]))
        pairs = [
            {"instruction": before, "input": "", "output": after}
            for (dialogue, before), (next_dialogue, after) in pairwise(turns)
            if dialogue == next_dialogue and before.strip() and after.strip()
        ]
        return random.Random(seed).sample(pairs, min(self.count or 0, len(pairs)))

    @property
    def origin(self) -> dict[str, Any]:
        """The hash of the file."""
        return {"sha256": hashes([self.path])} if self.path else {}

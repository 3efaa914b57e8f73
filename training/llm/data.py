"""What a run learns from and what it is measured on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import DataError
from schemas.llm.prompt import usual_types
from schemas.spans.entity import Example
from training.llm.base import Loaded
from training.llm.batches import Collator, PlannedBatches
from training.llm.plan import Draw, Row, make_plan
from training.llm.recipe import Loss, Recipe
from training.llm.rows import Turn, fit, fitting, read_examples, read_general


@dataclass(frozen=True, slots=True)
class RunData:
    """The batches of a run.

    `train` are all batches of all epochs, made of `rows` rows; `validation` and `general` (dialogue) are for the loss,
    `scored` for entities; each of these may be empty. `hashes` are the SHA-256 of the files.
    """

    train: PlannedBatches
    rows: int
    validation: PlannedBatches
    scored: list[Example]
    general: PlannedBatches
    hashes: dict[str, str]


def load_data(recipe: Recipe, loaded: Loaded) -> RunData:
    """Read and plan the data of `recipe`.

    Raises DataError or RecordError, which name the file, for data that is missing, malformed or empty.
    """
    evaluation = recipe.evaluation
    rows: list[Row] = list(fit(read_examples(recipe.data, "train"), loaded.chat, recipe.batches))
    if not rows:
        raise DataError(f"{recipe.data / 'train.jsonl'}: holds no annotated example")
    scored = read_examples(recipe.data, "validation")[: evaluation.examples] if evaluation.examples else []
    probe, mixed = _general(recipe, loaded)
    rows += mixed
    settings = recipe.optimisation
    plan = make_plan(rows, recipe.sampling, recipe.batches, settings.epochs, settings.seed)
    pad = loaded.tokenizer.pad_token_id or 0
    measured = Collator(Loss(), packing=True, pad=pad)
    return RunData(
        train=PlannedBatches(rows, plan, loaded.chat, Collator(recipe.loss, recipe.batches.packing, pad)),
        rows=len(rows),
        validation=_one_by_one(list(fit(scored, loaded.chat, recipe.batches)), loaded, measured),
        scored=scored,
        general=_one_by_one(probe, loaded, measured),
        hashes=_hashes(recipe.data),
    )


def _general(recipe: Recipe, loaded: Loaded) -> tuple[list[Turn], list[Turn]]:
    """The dialogue for the perplexity, and the rest, which may be mixed in."""
    probed, mixed = recipe.evaluation.general, recipe.sampling.general > 0
    if not probed and not mixed:
        return [], []
    turns = fitting(read_general(recipe.data), loaded.chat, recipe.batches)
    if mixed and len(turns) <= probed:
        path = recipe.data / "general.jsonl"
        raise DataError(f"{path}: holds no dialogue beyond the {probed} rows for the perplexity (evaluation.general)")
    return turns[:probed], turns[probed:] if mixed else []


def _one_by_one(rows: Sequence[Row], loaded: Loaded, collate: Collator) -> PlannedBatches:
    """A batch for every row; examples are asked about what serving would ask about."""
    plan = [[Draw(number, usual_types(row) if isinstance(row, Example) else ())] for number, row in enumerate(rows)]
    return PlannedBatches(rows, plan, loaded.chat, collate)


def _hashes(folder: Path) -> dict[str, str]:
    files = [path for split in ("train", "validation", "general") if (path := folder / f"{split}.jsonl").is_file()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

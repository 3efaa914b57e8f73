"""Builds a dataset: takes candidate rows from the sources, cleans and separates them, and writes the folder."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from data_builders.dataset.built import Built, Quarantined
from data_builders.dataset.clean import alpaca_fault, fault, long_fault
from data_builders.dataset.general import read_general
from data_builders.dataset.leakage import MSRA, LeakageGuard
from data_builders.dataset.recipe import Recipe
from data_builders.dataset.sample import rank
from data_builders.dataset.slices import slices
from data_builders.dataset.sources import open_corpus
from data_builders.dataset.write import write_dataset
from data_builders.sources.msra import conflicting_labels
from data_builders.synth.sampling import Split
from schemas.errors import DataError
from schemas.llm.alpaca import to_alpaca
from schemas.spans.entity import Example

_ORDER = (Split.TEST, Split.VALIDATION, Split.TRAIN)
"""Test takes its rows first, so that a conflict costs a train row."""


def build_dataset(recipe: Recipe, out: Path) -> Built:
    """Build the dataset of `recipe` in the new folder `out` and return what it holds.

    The same recipe and sources give the same bytes. `out` appears complete or not at all; progress goes to the
    standard error. Raises DataError when `out` exists or a source cannot be read.
    """
    if out.exists():
        raise DataError(f"{out}: exists already; remove it or choose another folder")
    built = Built(recipe)
    with _partial(out) as folder:
        _collect(built)
        write_dataset(built, folder)
        folder.replace(out)
    return built


@contextmanager
def _partial(out: Path) -> Iterator[Path]:
    """A hidden folder beside `out`, emptied first (a killed build leaves one) and removed on any error."""
    folder = out.resolve().with_name(f".{out.name}.partial")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        yield folder
    except OSError as error:
        raise DataError(f"{out}: cannot be written: {error.strerror}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _collect(built: Built) -> None:
    recipe = built.recipe
    if recipe.sources.general.enabled:
        built.general = read_general(recipe.sources.general, recipe.seed)
    wanted = {name: _split_counts(count, recipe) for name, count in recipe.counts().items()}
    corpora = {name: open_corpus(name, recipe, counts, built.reading) for name, counts in wanted.items()}
    built.origins |= {name: corpus.origin for name, corpus in corpora.items()}
    separator = LeakageGuard(recipe.similarity)
    for split in _ORDER:
        rows: list[Example] = []
        for name, corpus in corpora.items():
            rows += _take(built, separator, corpus.candidates[split], name, split, wanted[name][split])
        built.rows[split] = sorted(rows, key=lambda example: rank(example.document.id, recipe.seed))
    _check_used(built)
    msra = [example for rows in built.rows.values() for example in rows if example.source == MSRA]
    if msra:
        built.reading["msra: strings that bear more than one label"] = len(conflicting_labels(msra))


def _check_used(built: Built) -> None:
    """Raise DataError when a source gave no row at all, with the most frequent reasons."""
    for name in built.recipe.counts():
        if not any(built.taken[name, split][0] for split in _ORDER):
            reasons = Counter({reason: count for (source, reason), count in built.refusals.items() if source == name})
            reasons += Counter({key: n for key, n in built.reading.items() if key.startswith(f"{name}: dropped")})
            told = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common(3)) or "it holds none"
            raise DataError(f"{name}: none of its rows can be used: {told}")


def _split_counts(count: int, recipe: Recipe) -> dict[Split, int]:
    test, validation = round(count * recipe.test), round(count * recipe.validation)
    return {Split.TEST: test, Split.VALIDATION: validation, Split.TRAIN: count - test - validation}


def _take(
    built: Built, separator: LeakageGuard, candidates: Iterator[Example], source: str, split: Split, wanted: int
) -> list[Example]:
    """The first `wanted` candidates that pass every rule; the others go into quarantine."""
    rows: list[Example] = []
    with tqdm(total=wanted, desc=f"{split} {source}", unit="row", mininterval=1) as progress:
        while len(rows) < wanted and (example := next(candidates, None)):
            example = replace(example, slices=slices(example))
            if reason := _reason(example, split, separator, built.recipe.max_tokens):
                built.quarantine.append(Quarantined(source, split, reason, example))
                continue
            separator.admit(example, split, example.document.id)
            rows.append(example)
            progress.update()
    built.taken[source, split] = (len(rows), wanted)
    return rows


def _reason(example: Example, split: Split, separator: LeakageGuard, max_tokens: int) -> str | None:
    """Why `example` is refused, or None."""
    reason = fault(example) or alpaca_fault(example, to_alpaca(example)) or long_fault(example, max_tokens)
    conflicts = [] if reason else separator.conflicts(example, split)
    return conflicts[0].reason if conflicts else reason

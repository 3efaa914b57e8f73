"""Builds a dataset: takes candidate rows from the sources, cleans them and keeps the splits apart, and writes them."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from data_builders.dataset.built import Built, Quarantined
from data_builders.dataset.clean import alpaca_fault, fault, long_fault
from data_builders.dataset.leakage import LeakageGuard
from data_builders.dataset.recipe import Recipe
from data_builders.dataset.slices import slices
from data_builders.dataset.write import write_dataset
from data_builders.sources.draw import rank
from data_builders.splits import Split
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
    recipe, sources = built.recipe, built.recipe.example_sources
    built.pairs = {name: source.pairs(recipe.seed) for name, source in recipe.pair_sources.items()}
    built.origins |= {name: source.origin for name, source in recipe.pair_sources.items()}
    wanted = {name: {} if count is None else recipe.split_counts(count) for name, count in recipe.counts().items()}
    corpora = {name: source.open(wanted[name], recipe.seed) for name, source in sources.items()}
    guard = LeakageGuard(recipe.similarity)
    for split in _ORDER:
        rows: list[Example] = []
        for name, corpus in corpora.items():
            candidates = map(sources[name].narrowed, corpus.candidates.get(split, ()))
            few = corpus.rows is not None and corpus.rows < sum(wanted[name].values())
            most = (recipe.split_counts(corpus.rows or 0) if few else wanted[name]).get(split)
            taken = _take(built, guard, candidates, name, split, most)
            built.taken[name, split] = len(taken), wanted[name].get(split, len(taken))
            rows += taken
        built.rows[split] = sorted(rows, key=lambda example: rank(example.document.id, recipe.seed))
    for name, source in sources.items():
        taken = [example for rows in built.rows.values() for example in rows if example.source == name]
        counts = Counter(corpora[name].report) + source.count_taken(taken)
        built.reading.update({f"{name}: {key}": count for key, count in counts.items()})
        built.origins[name] = corpora[name].origin
        _check_used(built, name)
    if recipe.test + recipe.validation < 1 and not built.rows[Split.TRAIN]:
        raise DataError(f"no row is left to train on: {'; '.join(built.shortfalls)}")


def _check_used(built: Built, name: str) -> None:
    """Raise DataError when the source gave no row at all, with the most frequent reasons."""
    if any(built.taken[name, split][0] for split in _ORDER):
        return
    reasons = Counter({reason: count for (source, reason), count in built.refusals.items() if source == name})
    reasons += Counter({key: n for key, n in built.reading.items() if key.startswith(f"{name}: dropped")})
    listed = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common(3)) or "it holds none"
    raise DataError(f"{name}: none of its rows can be used: {listed}")


def _take(
    built: Built,
    guard: LeakageGuard,
    candidates: Iterator[Example],
    source: str,
    split: Split,
    wanted: int | None,
) -> list[Example]:
    """The first `wanted` candidates (None: all) that pass every rule; the others go into quarantine."""
    rows: list[Example] = []
    with tqdm(total=wanted, desc=f"{split} {source}", unit="row", mininterval=1) as progress:
        while (wanted is None or len(rows) < wanted) and (example := next(candidates, None)):
            example = replace(example, slices=slices(example))
            if reason := _reason(example, split, guard, built.recipe.max_tokens):
                built.quarantine.append(Quarantined(source, split, reason, example))
                continue
            guard.admit(example, split, example.document.id)
            rows.append(example)
            progress.update()
    return rows


def _reason(example: Example, split: Split, guard: LeakageGuard, max_tokens: int) -> str | None:
    """Why `example` is refused, or None."""
    reason = fault(example) or alpaca_fault(example, to_alpaca(example)) or long_fault(example, max_tokens)
    conflicts = [] if reason else guard.conflicts(example, split)
    return conflicts[0].reason if conflicts else reason

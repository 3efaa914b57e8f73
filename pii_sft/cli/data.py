"""`pii-sft data`: builds and checks datasets."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from pii_sft.cli.shared.numbers import bounded
from pii_sft.cli.shared.parser import Commands, Parser
from schemas.errors import DataError
from schemas.spans.entity import Example
from schemas.spans.record import write_records

_LEAST_SIMILARITY = 0.8
_REPLACED = 0.5


def add_parser(commands: Commands) -> None:
    """Add the commands `data build`, `data check`, `data synth`, and `data NAME` for each source that is a file."""
    group = commands.add_parser("data", help="build datasets")
    group.complete = _add_builders


def _add_builders(group: Parser) -> None:
    """Add the commands; the sources stand beside what reads them, and so are slow to know."""
    from data_builders.sources.registry import convertible

    builders = group.add_subparsers(metavar="BUILDER", required=True)
    build = builders.add_parser("build", help="build a whole dataset from a recipe")
    build.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write, which must not exist")
    build.add_argument(
        "--recipe", default="default", metavar="FILE", help="default, full, tagger or a YAML file (default: default)"
    )
    build.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="changes to the recipe, such as size=3000")
    build.set_defaults(run=_build)
    check = builders.add_parser("check", help="validate a dataset")
    help_path = "folder with train.jsonl, validation.jsonl or test.jsonl, or a single file of rows"
    check.add_argument("path", type=Path, metavar="PATH", help=help_path)
    check.add_argument(
        "--max-tokens", type=bounded(int, 1), default=2048, metavar="N", help="most tokens in a row (default: 2048)"
    )
    help_similarity = "texts at least this similar are near-duplicates, 0.8 to 1 (default: 0.9)"
    check.add_argument(
        "--similarity", type=bounded(float, _LEAST_SIMILARITY, 1), default=0.9, metavar="S", help=help_similarity
    )
    check.set_defaults(run=_check)
    for name, source in convertible().items():
        convert = builders.add_parser(name, help=source.convert_help)
        convert.add_argument("path", type=Path, metavar="PATH", help=source.path_help)
        help_replace = "replace about half of the values by others of the same form"
        convert.add_argument("--replace", type=int, metavar="SEED", help=help_replace)
        _add_output(convert)
        help_overrides = "keys of the source as in a recipe, such as labels.tel=PHONE_NUMBER of own"
        convert.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help=help_overrides)
        convert.set_defaults(run=_convert, name=name, source=source)
    synth = builders.add_parser("synth", help="generate annotated texts")
    synth.add_argument("--split", required=True, choices=("train", "validation", "test"))
    synth.add_argument("--size", required=True, type=bounded(int, 1), metavar="N", help="number of texts")
    synth.add_argument("--seed", type=int, default=0, metavar="S", help="the same seed gives the same texts")
    synth.add_argument("--near-misses", action="store_true", help="only texts with order numbers and the like")
    _add_output(synth)
    synth.set_defaults(run=_synth)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT.jsonl", help="file to write")
    parser.add_argument("--join", type=int, metavar="SEED", help="join some neighbouring rows into longer documents")


def _build(arguments: argparse.Namespace) -> None:
    from data_builders.dataset.build import build_dataset
    from data_builders.dataset.recipe import load_recipe

    built = build_dataset(load_recipe(arguments.recipe, arguments.overrides), arguments.out)
    for sentence in built.shortfalls:
        print(f"pii-sft: warning: {sentence}", file=sys.stderr)
    rows = ", ".join(f"{len(examples)} {split}" for split, examples in built.rows.items())
    print(f"{arguments.out}: {rows} rows, {len(built.quarantine)} refused")


def _check(arguments: argparse.Namespace) -> None:
    from data_builders.dataset.check import check_dataset

    faults = 0
    for sentence in check_dataset(arguments.path, arguments.max_tokens, arguments.similarity):
        print(sentence)
        faults += 1
    if faults:
        raise DataError(f"{arguments.path}: faults found: {faults}")
    print(f"{arguments.path}: no faults")


def _convert(arguments: argparse.Namespace) -> None:
    from data_builders.dataset.mention_replacement import replace_mentions
    from data_builders.dataset.recipe import configured

    report: Counter[str] = Counter()
    path, out = arguments.path.resolve(), arguments.out.resolve()
    if path in (out, *out.parents):
        raise DataError(f"{arguments.out}: is what is converted, or inside of it; choose another file")
    source = configured(arguments.name, arguments.source, arguments.overrides)
    examples = _at_least_one(map(source.narrowed, source.read(arguments.path, report)), arguments.path)
    if arguments.replace is not None:
        examples = replace_mentions(list(examples), _REPLACED, arguments.replace)
    try:
        _write(arguments, examples, arguments.source.traits.separator)
    finally:
        for key, count in sorted(report.items()):
            print(f"{arguments.path}: {key} ({count})", file=sys.stderr)


def _at_least_one(examples: Iterator[Example], path: Path) -> Iterator[Example]:
    """The same examples. Raises DataError when there is none."""
    first = next(examples, None)
    if first is None:
        raise DataError(f"{path}: holds no example; nothing was written")
    return chain([first], examples)


def _synth(arguments: argparse.Namespace) -> None:
    from data_builders.splits import Split
    from data_builders.synth.generate import generate

    examples = generate(Split(arguments.split), arguments.size, arguments.seed, arguments.near_misses)
    _write(arguments, examples, separator="\n")


def _write(arguments: argparse.Namespace, examples: Iterable[Example], separator: str) -> None:
    from data_builders.dataset.concatenation import concatenate_neighbours

    if arguments.join is not None:
        examples = concatenate_neighbours(examples, separator, arguments.join)
    try:
        count = write_records(arguments.out, examples)
    except OSError as error:
        raise DataError(f"{arguments.out}: {error.strerror}") from None
    print(f"{arguments.out}: {count} examples")

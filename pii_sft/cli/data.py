"""`pii-sft data`: builds dataset files."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from pii_sft.cli.parser import Commands, positive
from schemas.entity import Example
from schemas.errors import DataError
from schemas.record import write_records


def add_parser(commands: Commands) -> None:
    """Add the commands `data msra` and `data synth`."""
    builders = commands.add_parser("data", help="build datasets").add_subparsers(metavar="BUILDER", required=True)
    msra = builders.add_parser("msra", help="convert MSRA NER")
    msra.add_argument("bio", type=Path, metavar="BIO", help="file of `character TAB tag` lines")
    _add_output(msra)
    msra.set_defaults(run=_msra)
    synth = builders.add_parser("synth", help="generate annotated texts")
    synth.add_argument("--split", required=True, choices=("train", "validation", "test"))
    synth.add_argument("--size", required=True, type=positive, metavar="N", help="number of texts")
    synth.add_argument("--seed", type=int, default=0, metavar="S", help="the same seed gives the same texts")
    synth.add_argument("--near-misses", action="store_true", help="only texts with order numbers and the like")
    _add_output(synth)
    synth.set_defaults(run=_synth)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT.jsonl", help="file to write")
    parser.add_argument("--join", type=int, metavar="SEED", help="join some neighbours into longer documents")


def _msra(arguments: argparse.Namespace) -> None:
    from data_builders.msra import read_msra

    _write(arguments, read_msra(arguments.bio), separator="")


def _synth(arguments: argparse.Namespace) -> None:
    from data_builders.synth.generate import generate
    from data_builders.synth.sampling import Split

    examples = generate(Split(arguments.split), arguments.size, arguments.seed, arguments.near_misses)
    _write(arguments, examples, separator="\n")


def _write(arguments: argparse.Namespace, examples: Iterable[Example], separator: str) -> None:
    from data_builders.join import join_neighbours

    if arguments.join is not None:
        examples = join_neighbours(examples, separator, arguments.join)
    try:
        count = write_records(arguments.out, examples)
    except OSError as error:
        raise DataError(f"{arguments.out}: {error.strerror}") from None
    print(f"{arguments.out}: {count} examples")

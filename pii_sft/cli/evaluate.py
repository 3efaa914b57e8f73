"""`pii-sft eval`: scores a detector on a dataset."""

import argparse
from itertools import islice
from pathlib import Path

from pii_sft.cli.parser import Commands, add_model, add_types, load_detector, positive
from schemas.record import read_records
from schemas.taxonomy import DEFAULT_TYPES


def add_parser(commands: Commands) -> None:
    """Add the command `eval`."""
    parser = commands.add_parser("eval", help="score the detector on a dataset")
    parser.add_argument("--data", type=Path, required=True, metavar="FILE.jsonl", help="dataset")
    parser.add_argument("--limit", type=positive, metavar="N", help="only the first N examples")
    add_types(parser)
    add_model(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    from eval.report import print_report

    examples = list(islice(read_records(arguments.data), arguments.limit))
    print_report(load_detector(arguments).engine, examples, arguments.types or DEFAULT_TYPES)

"""`pii-sft detect`: the entities of one text."""

import argparse
import json

from pii_sft.cli.shared.engine_options import add_engine, load_detector
from pii_sft.cli.shared.input import BOM, add_input, read_input
from pii_sft.cli.shared.numbers import bounded
from pii_sft.cli.shared.parser import ByType, Commands, Parser, add_types, per_type
from pii_sft.cli.shared.table import print_table
from pii_sft.cli.types import add_format, wants_table
from schemas.spans.prediction import Prediction

_COLUMNS = ("type", "value", "start", "end", "score", "source", "validated")
_VALIDATED = {True: "yes", False: "no", None: "-"}


def add_parser(commands: Commands) -> None:
    """Add the command `detect`."""
    parser = commands.add_parser("detect", help="find personal data in a text, a file or stdin")
    add_search(parser)
    add_format(parser)
    add_engine(parser)
    parser.set_defaults(run=_run)


def add_search(parser: Parser) -> None:
    """Add the text, and what to look for in it."""
    add_input(parser)
    add_limits(parser)


def add_limits(parser: Parser) -> None:
    """Add what to look for in a text."""
    add_types(parser)
    help_score = "leave out entities scored below X, from 0 to 1, or those of a type; can be repeated (default: 0)"
    score = per_type(bounded(float, 0, 1))
    parser.add_argument("--min-score", type=score, action=ByType, default=0.0, metavar="[TYPE=]X", help=help_score)


def _run(arguments: argparse.Namespace) -> None:
    text = read_input(arguments.input).removeprefix(BOM)
    found = load_detector(arguments).detect(text, arguments.types, arguments.min_score)
    if not wants_table(arguments):
        print(json.dumps(found.to_dict(), ensure_ascii=False))
    elif found.detections:
        print_table(_COLUMNS, _rows(found))
    else:
        print("no entities found")


def _rows(found: Prediction) -> list[list[str]]:
    entities = found.to_dict()["entities"]
    shown = [{**entity, "validated": _VALIDATED[entity["validated"]]} for entity in entities]
    return [[str(entity[column]) for column in _COLUMNS] for entity in shown]

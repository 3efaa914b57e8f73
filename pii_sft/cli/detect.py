"""`pii-sft detect`: the entities of one text."""

import argparse

from pii_sft.cli.shared.engine_options import add_engine, load_detector
from pii_sft.cli.shared.input import BOM, read_input
from pii_sft.cli.shared.parser import Commands
from pii_sft.cli.shared.search import add_search
from pii_sft.cli.shared.table import add_format, print_table, wants_table
from schemas.json_lines import json_line
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


def _run(arguments: argparse.Namespace) -> None:
    text = read_input(arguments.input).removeprefix(BOM)
    found = load_detector(arguments).detect(text, arguments.types, arguments.min_score)
    if not wants_table(arguments):
        print(json_line(found.to_dict()), end="")
    elif found.detections:
        print_table(_COLUMNS, _rows(found))
    else:
        print("no entities found")


def _rows(found: Prediction) -> list[list[str]]:
    entities = found.to_dict()["entities"]
    shown = [{**entity, "validated": _VALIDATED[entity["validated"]]} for entity in entities]
    return [[str(entity[column]) for column in _COLUMNS] for entity in shown]

"""`pii-sft detect`: the entities of one text."""

import argparse
import json
import re
import sys
from pathlib import Path

from pii_sft.cli.shared.engine_options import add_engine, load_detector
from pii_sft.cli.shared.numbers import bounded
from pii_sft.cli.shared.parser import ByType, Commands, Parser, add_types, per_type
from pii_sft.cli.shared.table import print_table
from pii_sft.cli.types import add_format, wants_table
from schemas.errors import DataError
from schemas.spans.prediction import Prediction

_COLUMNS = ("type", "value", "start", "end", "score", "source", "validated")
_FILE_NAME = re.compile(r"[\w./\\-]+\.(?:txt|md|log|csv|tsv|jsonl?|ya?ml|xml|html?)", re.ASCII)
"""What can only be meant as a file: reported when missing, since a scan of its name would look like a clean text."""
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
    add_types(parser)
    help_score = "leave out entities scored below X, from 0 to 1, or those of a type; can be repeated (default: 0)"
    score = per_type(bounded(float, 0, 1))
    parser.add_argument("--min-score", type=score, action=ByType, default=0.0, metavar="[TYPE=]X", help=help_score)


def add_input(parser: Parser) -> None:
    """Add the text, which `read_input` reads."""
    source = "a text, the name of a UTF-8 file, or - for stdin (default)"
    parser.add_argument("input", nargs="?", default="-", metavar="TEXT|FILE|-", help=source)


def _run(arguments: argparse.Namespace) -> None:
    text = read_input(arguments.input)
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


def read_input(source: str) -> str:
    """The text that `source` stands for. Raises DataError for a file that is missing, a folder, or not UTF-8."""
    path = _existing(source)
    if source != "-" and path is None:
        if _FILE_NAME.fullmatch(source):
            raise DataError(f"{source}: no such file")
        return source
    data, name = (sys.stdin.buffer.read(), "stdin") if path is None else (path.read_bytes(), source)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: byte {error.start} is not UTF-8") from None


def _existing(source: str) -> Path | None:
    """The file that `source` names, if any; a text may be too long or too odd for a file's name."""
    path = Path(source)
    try:
        if source in ("", "-") or not path.exists():
            return None
    except PermissionError:
        raise DataError(f"{source}: permission denied") from None
    except (OSError, ValueError):
        return None
    if path.is_dir():
        raise DataError(f"{source}: is a folder; name a file")
    return path

"""`pii-sft types`: the taxonomy."""

import argparse
import json

from pii_sft.cli.shared.parser import Commands
from pii_sft.cli.shared.table import add_format, print_table, wants_table
from schemas.json_schema import taxonomy_rows

_COLUMNS = ("name", "zh", "sensitivity", "default", "example", "description")


def add_parser(commands: Commands) -> None:
    """Add the command `types`."""
    parser = commands.add_parser("types", help="list the entity types")
    add_format(parser)
    parser.set_defaults(run=_run)


def taxonomy_markdown() -> str:
    """The page docs/types.md."""
    lines = [" | ".join(row) for row in (_COLUMNS, ["---"] * len(_COLUMNS), *_shown())]
    return "# Entity types\n\n" + "".join(f"| {line} |\n" for line in lines)


def _shown() -> list[list[str]]:
    rows = ({**row, "default": "on" if row["default"] else "off"} for row in taxonomy_rows())
    return [[row[column] for column in _COLUMNS] for row in rows]


def _run(arguments: argparse.Namespace) -> None:
    if wants_table(arguments):
        print_table(_COLUMNS, _shown())
    else:
        print(json.dumps({"types": taxonomy_rows()}, ensure_ascii=False, indent=2))

"""`pii-sft types`: the taxonomy."""

import argparse
import json
import sys

from pii_sft.cli.shared.parser import Commands
from pii_sft.cli.shared.table import print_table
from schemas.json_schema import taxonomy_rows

_COLUMNS = ("name", "zh", "sensitivity", "default", "example", "description")


def add_parser(commands: Commands) -> None:
    """Add the command `types`."""
    parser = commands.add_parser("types", help="list the entity types")
    add_format(parser)
    parser.set_defaults(run=_run)


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add `--format`, None when not given."""
    choices, default = ("json", "table"), "table on a terminal, else json"
    parser.add_argument("--format", choices=choices, help=f"form of the output (default: {default})")


def wants_table(arguments: argparse.Namespace) -> bool:
    """Whether the output is for people: asked for, or not asked and stdout is a terminal."""
    return arguments.format == "table" or (arguments.format is None and sys.stdout.isatty())


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

"""`pii-sft key`: prints a key that encrypts the tokens of redactions."""

import argparse

from pii_sft.cli.shared.parser import Commands
from pii_sft.keys import VARIABLE


def add_parser(commands: Commands) -> None:
    """Add the command `key`."""
    parser = commands.add_parser(
        "key", help=f"print a new key for ${VARIABLE}, which encrypts the tokens of redactions"
    )
    parser.set_defaults(run=_run)


def _run(_: argparse.Namespace) -> None:
    from serving.redaction import TokenCipher

    print(TokenCipher.new_key())

"""Keys that encrypt the tokens of redactions: `pii-sft key`, and where the commands find them."""

import argparse
import os

from pii_sft.cli.shared.parser import Commands
from serving.service.settings import SECRET, read_settings, variable

VARIABLE = variable(SECRET)
"""One key, or several with commas between them: the first encrypts, all decrypt."""


def add_parser(commands: Commands) -> None:
    """Add the command `key`."""
    parser = commands.add_parser(
        "key", help=f"print a new key for ${VARIABLE}, which encrypts the tokens of redactions"
    )
    parser.set_defaults(run=_run)


def _run(_: argparse.Namespace) -> None:
    from serving.redaction import TokenCipher

    print(TokenCipher.new_key())


def keys_from_environment() -> tuple[str, ...]:
    """The keys in $PII_SFT_KEY; none when it is not set or empty."""
    return read_settings({}, {VARIABLE: os.environ.get(VARIABLE, "")}).token_keys

"""`pii-sft mcp`: tools for assistants that speak the Model Context Protocol."""

import argparse
from collections.abc import Sequence

from pii_sft.cli.detect import add_limits
from pii_sft.cli.keys import keys_from_environment
from pii_sft.cli.shared.engine_options import add_engine, load_detector
from pii_sft.cli.shared.parser import Commands
from schemas.spans.prediction import Prediction


def add_parser(commands: Commands) -> None:
    """Add the command `mcp`."""
    parser = commands.add_parser("mcp", help="offer an assistant tools to detect, redact and restore (MCP, on stdio)")
    add_limits(parser)
    add_engine(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    from pii_sft import __version__
    from serving.mcp_server import create_mcp_server
    from serving.redaction import TokenCipher, hash_key

    detector = load_detector(arguments)

    def find(texts: Sequence[str]) -> list[Prediction]:
        return detector.detect_batch(texts, arguments.types, arguments.min_score)

    keys = keys_from_environment()
    secret = hash_key(keys[0] if keys else TokenCipher.new_key())
    create_mcp_server(find, secret, __version__).run("stdio")

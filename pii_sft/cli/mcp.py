"""`pii-sft mcp`: tools for assistants that speak the Model Context Protocol."""

import argparse
import signal

from pii_sft.cli.shared.engine_options import add_engine, load_detector
from pii_sft.cli.shared.parser import Commands
from pii_sft.cli.shared.search import add_limits
from pii_sft.keys import keys_from_environment


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

    keys = keys_from_environment() or (TokenCipher.new_key(),)
    TokenCipher(keys)
    detector = load_detector(arguments)
    find = detector.finding(arguments.types, arguments.min_score)
    server = create_mcp_server(find, hash_key(keys[0]), __version__)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # nothing is kept, so it may end in the middle of a search
    server.run("stdio")

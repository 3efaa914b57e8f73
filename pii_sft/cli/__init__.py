"""The command `pii-sft`. Modules here import nothing heavy at their top; each handler imports what it runs."""

import io
import os
import sys
from collections.abc import Sequence

from pii_sft import __version__
from pii_sft.cli import (
    bench,
    data,
    detect,
    evaluate,
    export,
    gateway,
    keys,
    mcp,
    redact,
    restore,
    scan,
    serve,
    tagger,
    train,
    types,
)
from pii_sft.cli.shared.failures import explain
from pii_sft.cli.shared.libraries import quieten
from pii_sft.cli.shared.parser import Parser
from pii_sft.cli.shared.signals import clean_end

_BROKEN_PIPE = 141
_INTERRUPTED = 130
_FAILED = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0; 1 for scores that fell too far and for a scan that could not read everything; 2 for an error, told in one line on
    stderr; 130 after Ctrl-C, 143 after SIGTERM; 141 when the reader of the output went away.
    """
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8")
    quieten()
    try:
        arguments = build_parser().parse_args(argv)
        with clean_end():
            code: int | None = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter fails when it flushes
        return _BROKEN_PIPE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        message = explain(error)
        if message is None:
            raise
        print(f"pii-sft: error: {message}", file=sys.stderr)
        return _FAILED
    return code or 0


def build_parser() -> Parser:
    """The parser of all commands; each sets `run`, the handler that takes the parsed arguments."""
    parser = Parser(prog="pii-sft", description="Find personal data in Chinese and English text.")
    parser.add_argument("--version", action="version", version=f"pii-sft {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    using = (detect, redact, restore, scan, keys, types, serve, gateway, mcp)
    for group in (*using, data, train, export, tagger, evaluate, bench):
        group.add_parser(commands)
    return parser

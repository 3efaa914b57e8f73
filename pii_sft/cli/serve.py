"""`pii-sft serve`: the HTTP service."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from pii_sft.cli.shared.parser import Commands
from pii_sft.cli.shared.server import add_server, run_server

if TYPE_CHECKING:
    from fastapi import FastAPI


def add_parser(commands: Commands) -> None:
    """Add the command `serve`."""
    parser = commands.add_parser("serve", help="answer /detect, /redact, /restore, /types and /health over HTTP")
    add_server(parser, 8000)
    help_also = "one more detector, which requests name in their field `detector`: fast=tagger-fast (repeatable)"
    parser.add_argument("--also", action="append", default=[], metavar="NAME=SPEC", help=help_also)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return run_server(arguments, make_service)


def make_service(arguments: argparse.Namespace) -> FastAPI:
    """The service that the arguments describe."""
    from pii_sft.cli.shared.engine_options import load_detector, load_named
    from serving.service.app import create_app
    from serving.service.settings import read_settings

    detector = load_detector(arguments)
    others = {name: other.engine for name, other in load_named(arguments.also).items()}
    return create_app(detector.engine, read_settings(vars(arguments), os.environ), detector.custom_rules, others)

"""`pii-sft gateway`: stands between clients and the model of a provider, which never sees a person."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.cli.shared.numbers import bounded
from pii_sft.cli.shared.parser import Commands
from pii_sft.cli.shared.server import add_server, run_server
from pii_sft.keys import VARIABLE, keys_from_environment
from schemas.errors import DataError, ModelError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from serving.gateway.settings import GatewaySettings, Policy
    from serving.service.settings import ServiceSettings

UPSTREAM_KEY = "PII_SFT_UPSTREAM_KEY"
"""Environment variable with the provider's key, where clients have keys of the gateway."""


def add_parser(commands: Commands) -> None:
    """Add the command `gateway`, which serves, and its commands `verify` and `audit-verify`."""
    parser = commands.add_parser("gateway", help="mask what goes to a cloud model, and restore its answers")
    help_upstream = "base URL of the provider, such as https://api.example.com/v1"
    parser.add_argument("--upstream", metavar="URL", help=help_upstream)
    parser.add_argument(
        "--protocol",
        choices=("openai", "anthropic", "litellm"),
        default="openai",
        help="what it speaks; litellm answers LiteLLM's guardrail API, without --upstream (default: openai)",
    )
    parser.add_argument("--types", metavar="A,B", help="types to mask (default: those that are on by default)")
    parser.add_argument("--block", metavar="A,B", help="types with which a request is refused")
    parser.add_argument(
        "--min-score", type=bounded(float, 0, 1), default=0.0, metavar="S", help="least score (default: 0)"
    )
    help_media = "refuse or pass pictures, sound and files, which are not read (default: refuse)"
    parser.add_argument("--media", choices=("refuse", "pass"), default="refuse", help=help_media)
    help_policies = "JSON file of other policies, by the names of API keys"
    parser.add_argument("--policies", type=Path, metavar="FILE", help=help_policies)
    parser.add_argument("--preamble", action="store_true", help="ask the model to keep the stand-ins as they are")
    parser.add_argument("--audit", type=Path, metavar="FILE", help="file that gets a line for each request")
    add_server(parser, 8080, without="origins")
    parser.set_defaults(run=_run)
    steps = parser.add_subparsers(metavar="COMMAND")
    verify = steps.add_parser("verify", help="send made-up values through the gateway, and say what leaves")
    verify.set_defaults(run=_verify)
    audit = steps.add_parser("audit-verify", help="check that no line of an audit was changed or left out")
    audit.add_argument("file", type=Path, metavar="FILE", help="file of --audit")
    audit.set_defaults(run=_audit_verify)


def _run(arguments: argparse.Namespace) -> int:
    from serving.redaction import TokenCipher
    from serving.service.settings import read_settings

    alone = arguments.protocol == "litellm"
    if not arguments.upstream and not alone:
        raise ModelError("gateway: needs --upstream URL")
    if alone and (arguments.upstream or arguments.preamble):
        raise ModelError("--protocol litellm: LiteLLM asks the provider; it takes no --upstream and no --preamble")
    if alone and arguments.workers > 1:
        raise ModelError("--protocol litellm: needs one worker, which knows what it masked when the answer comes")
    has_keys = read_settings(vars(arguments), os.environ).api_keys is not None
    if has_keys and not alone and not os.environ.get(UPSTREAM_KEY):
        raise ModelError(
            f"--api-keys: clients then have keys of the gateway; set the provider's key in ${UPSTREAM_KEY}"
        )
    if not os.environ.get(VARIABLE):
        os.environ[VARIABLE] = TokenCipher.new_key()
        told = "the key is a random one, so stand-ins change with every start; `pii-sft key` makes one to keep"
        print(f"${VARIABLE} is not set: {told}", file=sys.stderr)
    TokenCipher(keys_from_environment())
    return run_server(arguments, make_gateway)


def make_gateway(arguments: argparse.Namespace) -> FastAPI:
    """The gateway that the arguments and the environment describe."""
    from pii_sft.cli.shared.engine_options import load_detector
    from serving.engines.escapes import EscapeReader
    from serving.engines.rules.engine import RulesEngine
    from serving.gateway.app import create_gateway
    from serving.gateway.application import Engines
    from serving.gateway.guardrail import create_guardrail
    from serving.service.settings import read_settings

    detector = load_detector(arguments)
    service = read_settings(vars(arguments), os.environ)
    engines = Engines(detector.engine, EscapeReader(RulesEngine()), detector.custom_rules)
    settings = _settings(arguments, service)
    if arguments.protocol == "litellm":
        return create_guardrail(engines, settings, service)
    return create_gateway(engines, settings, service, arguments.protocol)


def _settings(arguments: argparse.Namespace, service: ServiceSettings) -> GatewaySettings:
    from schemas.taxonomy import DEFAULT_TYPES, parse_types
    from serving.gateway.settings import GatewaySettings, Policy
    from serving.redaction import hash_key

    masked = parse_types(arguments.types.split(",")) if arguments.types else DEFAULT_TYPES
    blocked = parse_types(arguments.block.split(",")) if arguments.block else ()
    policy = Policy(tuple(masked), arguments.min_score, frozenset(blocked), arguments.media)
    return GatewaySettings(
        arguments.upstream or "",
        policy,
        _policies(arguments, service, policy),
        preamble=arguments.preamble,
        audit=arguments.audit,
        secret=hash_key(service.token_keys[0]),
        upstream_key=os.environ.get(UPSTREAM_KEY, "") if service.api_keys is not None else "",
    )


def _policies(arguments: argparse.Namespace, service: ServiceSettings, policy: Policy) -> dict[str, Policy]:
    """The policies of the file, each for an API key that there is."""
    from serving.gateway.settings import read_policies
    from serving.service.middleware.auth import read_keys

    if not arguments.policies:
        return {}
    if service.api_keys is None:
        raise ModelError("--policies: are for the names of API keys, and need --api-keys")
    policies, keys = read_policies(arguments.policies, policy), read_keys(service.api_keys)
    if unknown := sorted(policies.keys() - keys.keys()):
        raise DataError(f"{arguments.policies}: {unknown[0]}: no API key has this name")
    return policies


def _audit_verify(arguments: argparse.Namespace) -> None:
    from serving.gateway.audit import verify_audit

    print(f"{arguments.file}: {verify_audit(arguments.file)} lines, none changed")


def _verify(arguments: argparse.Namespace) -> int:
    from pii_sft.cli.shared.engine_options import load_detector
    from serving.engines.escapes import EscapeReader
    from serving.engines.rules.engine import RulesEngine
    from serving.gateway.application import Engines
    from serving.gateway.verify import verify

    detector = load_detector(arguments)
    engines = Engines(detector.engine, EscapeReader(RulesEngine()), detector.custom_rules)
    outcomes = []
    for outcome in verify(engines):
        print(outcome, flush=True)
        outcomes.append(outcome)
    leaked = sum(outcome.leaked for outcome in outcomes)
    lost = sum(outcome.returned is False or outcome.status != 200 for outcome in outcomes)
    print(f"{leaked} values left in clear; {lost} of {len(outcomes)} requests were refused or came back incomplete")
    return 1 if leaked or lost else 0

"""What is searched, and for what."""

from pii_sft.cli.shared.input import add_input
from pii_sft.cli.shared.numbers import bounded
from pii_sft.cli.shared.parser import ByType, Parser, add_types, per_type


def add_search(parser: Parser) -> None:
    """Add the text, and what to look for in it."""
    add_input(parser)
    add_limits(parser)


def add_limits(parser: Parser) -> None:
    """Add what to look for in a text."""
    add_types(parser)
    help_score = "leave out entities scored below X, from 0 to 1, or those of a type; can be repeated (default: 0)"
    score = per_type(bounded(float, 0, 1))
    parser.add_argument("--min-score", type=score, action=ByType, default=0.0, metavar="[TYPE=]X", help=help_score)

"""Short names of detectors, for tables and plots."""

import re
from collections.abc import Iterator

from eval.figures import Figures

_FOLDER = re.compile(r"([:+])(?!https?:)[^?#+]*/(?=[^/])")


def everyone(figures: Figures) -> list[Figures]:
    """All detectors: those that were scored, then those with random weights."""
    return [*figures["detectors"], *figures["random"]]


def short_names(figures: Figures) -> list[str]:
    """One name for each of `everyone`: its spec without the folders of paths; whole specs where two would be alike."""
    specs = [detector["spec"] for detector in everyone(figures)]
    short = [_FOLDER.sub(r"\1", spec) for spec in specs]
    return short if len(set(short)) == len(short) else specs


def named(figures: Figures) -> Iterator[tuple[str, Figures]]:
    """The scored detectors under their short names."""
    return zip(short_names(figures), figures["detectors"], strict=False)


def everyone_named(figures: Figures) -> Iterator[tuple[str, Figures]]:
    """All detectors under their short names."""
    return zip(short_names(figures), everyone(figures), strict=True)

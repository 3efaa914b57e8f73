"""The registry of sources: a new one is a module and a line here."""

from data_builders.sources.ai4privacy.source import Ai4Privacy
from data_builders.sources.general import General
from data_builders.sources.msra.source import Msra
from data_builders.sources.own.source import Own
from data_builders.sources.source import FileSource, Source, Traits
from data_builders.sources.synthetic import Synthetic
from data_builders.sources.uner import Uner
from data_builders.sources.written import Written

SOURCES: dict[str, type[Source]] = {
    "msra": Msra,
    "ai4privacy": Ai4Privacy,
    "synthetic": Synthetic,
    "uner": Uner,
    "written": Written,
    "own": Own,
    "general": General,
}
"""Each source by its name, which is its key in a recipe and the `source` of its examples; in the order of reports."""


def traits_of(name: str) -> Traits:
    """The traits of the source `name`, those of a plain source when nobody registered it."""
    return SOURCES[name].traits if name in SOURCES else Traits()


def convertible() -> dict[str, type[FileSource]]:
    """The sources that are also a command `pii-sft data NAME`."""
    return {name: kind for name, kind in SOURCES.items() if issubclass(kind, FileSource) and kind.convert_help}

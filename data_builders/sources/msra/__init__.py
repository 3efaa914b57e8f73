"""MSRA NER (Levow 2006, https://aclanthology.org/W06-0115) in the forms in which it is handed round.

Characters are never normalised: MSRA writes digits and Latin letters full-width, examples keep them as written, and
offsets refer to that text. A model that wants NFKC folds for itself (`schemas.text.fold` keeps every position).
"""

from data_builders.sources.msra.read import REPOSITORY, REVISION, read_msra
from data_builders.sources.msra.report import conflicting_labels
from data_builders.sources.msra.split import split_long
from data_builders.sources.msra.tags import ANNOTATED

__all__ = ["ANNOTATED", "REPOSITORY", "REVISION", "conflicting_labels", "read_msra", "split_long"]

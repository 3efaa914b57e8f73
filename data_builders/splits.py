"""The splits of a dataset."""

from enum import StrEnum


class Split(StrEnum):
    """The part of a dataset that an example belongs to."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"

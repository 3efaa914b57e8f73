"""Finding for tests: values are read behind their names, as everywhere."""

from functools import partial

from schemas.engine import Detect, Find
from serving.engines.detection_options import DetectionOptions


def behind_names(detect: Detect) -> Find:
    """What finds by `detect`, in texts and in values behind the names of their fields."""
    return partial(DetectionOptions().search, detect)

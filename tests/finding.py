"""Finding for tests: values are read behind their names, as everywhere."""

from functools import partial

from schemas.engine import Find
from serving.engines.detection_options import DetectionOptions
from serving.engines.named_values import Detect


def behind_names(detect: Detect) -> Find:
    """What finds by `detect`, in texts and in values behind the names of their fields."""
    return partial(DetectionOptions().search, detect)

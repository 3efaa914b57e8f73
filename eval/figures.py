"""The figures of a report: the content of `report.json`."""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from eval.validation import Model, parse
from schemas.errors import DataError

FORMAT = 3
REPORT_FILE = "report.json"

Rounded = Annotated[float, AfterValidator(lambda value: round(float(value), 6))]
"""A float with six digits after the point."""
Interval = tuple[Rounded, Rounded]


class Row(Model):
    """Counts, and the shares that follow from them."""

    tp: int
    fp: int
    fn: int
    precision: Rounded
    recall: Rounded
    f1: Rounded

    @property
    def entities(self) -> int:
        """The number of true entities."""
        return self.tp + self.fn

    @property
    def errors(self) -> int:
        """The number of entities that are missed, and of those that are wrong."""
        return self.fp + self.fn


class OperatingPoint(Model):
    """The counts and shares of detections that score at least `min_score`."""

    min_score: Rounded
    tp: int
    fp: int
    fn: int
    precision: Rounded
    recall: Rounded
    f1: Rounded


class Means(Model):
    """Shares as the mean over the types that occur."""

    precision: Rounded
    recall: Rounded
    f1: Rounded


class Averages(Model):
    """Scores under one scheme: of all entities together, the mean of the types, and type by type."""

    micro: Row
    macro: Means
    by_type: dict[str, Row]


class SchemeScores(Model):
    """Scores under every scheme of `eval.scores.counts`."""

    strict: Averages
    partial: Averages
    type_agnostic: Averages
    characters: Averages


class SliceScores(Model):
    """The number of texts of a slice, and its micro-averages under every scheme of `eval.scores.counts`."""

    texts: int
    strict: Row
    partial: Row
    type_agnostic: Row
    characters: Row


class Intervals(Model):
    """95% intervals of the strict micro-averages."""

    precision: Interval
    recall: Interval
    f1: Interval


class CleanTexts(Model):
    """The number of texts without an entity, and of those in which nothing was found."""

    texts: int
    without_detection: int

    @property
    def share(self) -> float | None:
        """The share of the texts in which nothing was found; None where there are no texts."""
        return self.without_detection / self.texts if self.texts else None


class Calibration(Model):
    """The calibration error; of every bin low and high score, number, mean score, and number that is right."""

    error: Rounded
    bins: tuple[tuple[Rounded, Rounded, int, Rounded, int], ...]


class Confusion(Model):
    """How often a kind of error met a true and a found type ("" where there is none)."""

    count: int
    kind: str
    true: str
    found: str


class PatternCount(Confusion):
    """How often errors of one form occur, with stretches of text where they are shown."""

    form: str
    examples: tuple[str, ...] = ()


class Errors(Model):
    """Errors by kind, by types, and by form; the most frequent ones first."""

    kinds: dict[str, int]
    by_types: tuple[Confusion, ...]
    patterns: tuple[PatternCount, ...]


class Answers(Model):
    """Faults of written answers; tokens are means a text."""

    answers: int
    valid: int
    valid_share: Rounded
    items: int
    invented: int
    unknown_types: int
    read_tokens: Rounded
    written_tokens: Rounded


class Batch(Model):
    """The pace at which the data was predicted."""

    texts_per_s: Rounded
    characters_per_s: Rounded
    hours_per_million_texts: Rounded


class CallerLatency(Model):
    """Percentiles in milliseconds of calls with one text, and the rates of all callers together."""

    p50_ms: Rounded
    p90_ms: Rounded
    p95_ms: Rounded
    p99_ms: Rounded
    calls: int
    texts_per_s: Rounded
    characters_per_s: Rounded


class Latency(Model):
    """Latency by number of callers; of a single caller also characters and milliseconds of each call, in order."""

    warm_up_calls: int
    callers: dict[str, CallerLatency]
    single: tuple[tuple[int, Rounded], ...]


class Perplexity(Model):
    """The perplexity of general text before and after fine-tuning, over so many tokens."""

    before: Rounded
    after: Rounded
    tokens: int


class Speed(Model):
    """Seconds to load, perplexity by language, prices of a million read and written tokens, latency, memory in MB."""

    load_s: Rounded
    perplexity: dict[str, Perplexity] | None
    price: tuple[Rounded, Rounded] | None
    latency: Latency | None
    environment: dict[str, str | int | None]
    memory_mb: Rounded
    gpu_mb: Rounded | None


class ScoredSystem(Model):
    """Everything that was measured of a system. A point of `curve` is minimum score, precision and recall."""

    spec: str
    description: str
    scores: SchemeScores
    intervals: Intervals
    clean: CleanTexts
    clean_by_source: dict[str, CleanTexts]
    slices: dict[str, dict[str, SliceScores]]
    calibration: Calibration
    curve: tuple[tuple[Rounded, Rounded, Rounded], ...]
    operating_points: dict[str, OperatingPoint]
    errors: Errors
    answers: Answers | None
    batch: Batch
    speed: Speed


class UnscoredSystem(Model):
    """What was measured of a system with random weights: speed and memory alone."""

    spec: str
    description: str
    speed: Speed
    batch: None
    answers: None


class Comparison(Model):
    """How much more the second system scores than the first: difference, 95% interval, and p-value."""

    first: str
    second: str
    precision: tuple[Rounded, Interval, Rounded]
    recall: tuple[Rounded, Interval, Rounded]
    f1: tuple[Rounded, Interval, Rounded]


class DatasetFigures(Model):
    """The digest of the dataset, and its size."""

    sha256: str
    texts: int
    characters: int
    entities: int


class Figures(Model):
    """All figures of a report: the dataset, the systems in order, and every scored one against the first."""

    format: int
    data: DatasetFigures
    types: tuple[str, ...]
    detectors: tuple[ScoredSystem, ...]
    differences: tuple[Comparison, ...]
    random: tuple[UnscoredSystem, ...]

    @property
    def systems(self) -> tuple[ScoredSystem | UnscoredSystem, ...]:
        """The scored systems, then those with random weights."""
        return (*self.detectors, *self.random)

    def to_json(self) -> str:
        """The content of `report.json`: the same figures give the same bytes."""
        return json.dumps(self.model_dump(mode="json", exclude_unset=True), ensure_ascii=False, indent=1) + "\n"


def read_figures(path: Path) -> Figures:
    """Read the figures of the report in the folder or file `path`.

    Raises DataError with the file when it cannot be read or is of another version, and with the JSON path of what is
    not as it should be.
    """
    file = path / REPORT_FILE if path.is_dir() else path
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DataError(f"{file}: {error.strerror}") from None
    if _format(content) not in (None, FORMAT):
        raise DataError(f"{file}: a report of another version of pii-sft")
    return parse(Figures, content, str(file))


def _format(content: bytes) -> Any:
    """What the report says of its format; None where it says nothing."""
    try:
        figures = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return figures.get("format") if isinstance(figures, dict) else None

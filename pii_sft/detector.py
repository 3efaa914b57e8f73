"""The public Python API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pii_sft.registry import EngineSpec, parse_spec
from schemas.engine import Engine, Find
from schemas.per_type import PerType
from schemas.spans.prediction import Prediction
from schemas.taxonomy import parse_types
from serving.engines.custom_rules import CustomRules
from serving.engines.detection_options import DetectionOptions

MinScore = float | Mapping[str, float]
"""One least score, or one by type, that of `DEFAULT` being for all others."""


class Detector:
    """Finds personal data in texts with any engine.

    A loaded detector can be pickled: the process that unpickles it loads the engine again, by its name and options.
    """

    def __init__(
        self,
        engine: Engine,
        description: str = "",
        custom_rules: CustomRules = CustomRules(),  # noqa: B008 - frozen
        spec: EngineSpec | None = None,
    ) -> None:
        """Detect with `engine` and `custom_rules`; `description` says what runs where, `spec` how to load it again."""
        self.engine = engine
        self.description = description
        self.custom_rules = custom_rules
        self._spec = spec

    @classmethod
    def load(cls, engine: str = "tagger", **options: Any) -> Detector:
        """Load an engine by its name, `NAME[:MODEL][?OPTION[=VALUE]&...]`; `options` are the same options as values.

            Detector.load()                                         the embedded tagger with the rules
            Detector.load("tagger", threads=1, rules=False)         the model alone, on one CPU thread
            Detector.load("llm", model="BASE", adapter=Path("run")) a fine-tuned LLM; needs the extra `llm`

        `pii-sft detect --help` lists the engines and their options. Raises ModelError for an engine, option or model
        that cannot be used, FingerprintError for a model of another contract.
        """
        return load_spec(parse_spec(engine).changed(options))

    def with_custom_rules(self, rules: Mapping[str, Any] | str | Path) -> Detector:
        """A detector with the same engine and the custom rules `rules`: their JSON, or the file that holds it.

            detector.with_custom_rules({"allow": ["10086"], "deny": [{"type": "项目代号", "value": "凤凰计划"}]})

        Raises DataError, which names the field at fault.
        """
        return Detector(self.engine, self.description, compile_custom_rules(rules), self._spec)

    def detect(self, text: str, types: Iterable[str] | None = None, min_score: MinScore = 0.0) -> Prediction:
        """Return the entities of one text; see `detect_batch`."""
        return self.detect_batch([text], types, min_score)[0]

    def detect_batch(
        self,
        texts: Iterable[str],
        types: Iterable[str] | None = None,
        min_score: MinScore = 0.0,
        names: Iterable[str] | None = None,
    ) -> list[Prediction]:
        """Return one prediction per text, in order: entities of `types` scored at least `min_score`.

        `types` are those that are on by default, or the names given, of which ALL stands for all. `min_score` is one
        score, or one for each type: `{"PERSON_NAME": 0.9, "DEFAULT": 0.5}`. Where texts are values of fields or
        columns, `names` has the names of these, "" for one without: a short value is read behind its name, and a whole
        number in any notation.

        Raises UnknownTypeError for a type outside the taxonomy, InvalidTextError for a text with lone surrogates,
        TypeError for anything that is no text, ValueError for more or fewer names than texts and for a `min_score` that
        is no number from 0 to 1, CustomRulesError for custom rules that take too long.
        """
        listed = list(texts)
        if isinstance(texts, str) or not all(isinstance(text, str) for text in listed):
            raise TypeError("detect_batch takes an iterable of strings; detect takes one string")
        fields = None if names is None else list(names)
        if isinstance(names, str) or not all(isinstance(name, str) for name in fields or ()):
            raise TypeError("names takes an iterable of strings, one for each text")
        if fields is not None and len(fields) != len(listed):
            raise ValueError(f"names has {len(fields)} names for {len(listed)} texts")
        wanted = None if types is None else parse_types(types)
        options = DetectionOptions(wanted, least_scores(min_score), custom_rules=self.custom_rules)
        return options.search(partial(self.engine.detect, types=wanted), listed, fields or ())

    def finding(self, types: Iterable[str] | None = None, min_score: MinScore = 0.0) -> Find:
        """What finds as `detect_batch` does with these arguments, in texts or in values of named fields."""
        wanted = None if types is None else list(types)

        def find(texts: Sequence[str], names: Sequence[str] = (), /) -> list[Prediction]:
            return self.detect_batch(texts, wanted, min_score, names or None)

        return find

    def __reduce__(self) -> tuple[Any, ...]:
        if self._spec is None:
            return Detector, (self.engine, self.description, self.custom_rules)
        return load_spec, (self._spec, self.custom_rules)


def least_scores(min_score: MinScore) -> PerType[float]:
    """`min_score` for each type. Raises ValueError and UnknownTypeError as `Detector.detect_batch` has it."""
    scores = PerType.of(min_score, 0.0)
    if not all(isinstance(score, int | float) and 0 <= score <= 1 for score in scores):
        raise ValueError("min_score is a number from 0 to 1, or a mapping of such numbers by type")
    return scores


def compile_custom_rules(rules: Mapping[str, Any] | str | Path | None) -> CustomRules:
    """The rules of their JSON, or of the file that holds it; none for None.

    Raises DataError, which names the field at fault.
    """
    if rules is None:
        return CustomRules()
    from serving.service.models.custom_rules import custom_rules_of, read_custom_rules

    return custom_rules_of(rules) if isinstance(rules, Mapping) else read_custom_rules(Path(rules))


def load_spec(spec: EngineSpec, custom_rules: CustomRules = CustomRules()) -> Detector:  # noqa: B008 - frozen
    """The detector of `spec`. Raises what `Detector.load` raises."""
    loaded = spec.load()
    return Detector(loaded.engine, loaded.description, custom_rules, spec)

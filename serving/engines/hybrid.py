"""Model and rules together: one documented policy for spans that meet.

0. Model spans are cut to the form of their type first (`serving.engines.fitting`).
1. A rule's hit that meets no model span stands on its own (source "rule").
2. Where both found the same type, the entity is the rule's span, whose borders follow the type's grammar; source
   "both", the higher score.
3. Where the types differ, the rule wins if what stands directly around the value names it (score `NAMED`), or if it
   validates, its type has a `strong_check` (a checksum or an exact syntax) and no model span encloses it; otherwise the
   model wins, since it reads the context. A word that is glued to the value's end does not enclose it.
4. Model spans of what belongs to nobody go (`serving.engines.rules.impersonal`). Those that remain are checked by their
   type's validator; a failed check is reported and lowers the score, and the value is never dropped for it.
5. Further mentions of the names that were found are marked where nothing else is (source "repeat").
"""

from collections.abc import Sequence
from dataclasses import replace

from schemas.engine import Engine
from schemas.formats.registry import validate
from schemas.spans.entity import Entity
from schemas.spans.overlap import encloses, meetings
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import DEFAULT_TYPES, EntityType, parse_types
from schemas.text.text import Text
from serving.engines.escapes import EscapeReader
from serving.engines.fitting.fit import fit
from serving.engines.model_config import BesideConfig
from serving.engines.repeated_names import with_repeated_names
from serving.engines.rules.engine import RulesEngine
from serving.engines.rules.impersonal import belongs_to_nobody
from serving.engines.rules.recogniser import NAMED

_FAILED_CHECK = 0.35
"""What a failed check multiplies the odds of a model's value by. On the written validation texts such values were right
in 72% of the cases at a mean score of .88: odds of 2.6 where the score said 7.3."""


def complete(model: Engine, config: BesideConfig) -> Engine:
    """`model` with what its options put beside it, reading the characters that escapes stand for."""
    rules = RulesEngine()
    return EscapeReader(HybridEngine(model, rules, repeated_names=config.repeated_names) if config.rules else model)


class HybridEngine:
    """A model detector with rules beside it; itself a `schemas.engine.Engine`."""

    def __init__(self, model: Engine, rules: Engine, *, repeated_names: bool = True) -> None:
        self._model = model
        self._rules = rules
        self._repeated_names = repeated_names

    def with_bias(self, log_odds: float) -> "HybridEngine":
        """The same detectors, the model with log-odds of `log_odds` more in favour of an entity."""
        return HybridEngine(self._model.with_bias(log_odds), self._rules, repeated_names=self._repeated_names)

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """Return one merged prediction per text, in order. Raises what the two detectors raise.

        Default-on types compete for a stretch of text whether requested or not, and `types` filters the result: the
        same phone number is found or not found whatever else is requested. On-request types compete when requested,
        so a phone number inside a URL is part of the URL then.
        """
        wanted = frozenset(DEFAULT_TYPES if types is None else types)
        competing = DEFAULT_TYPES if wanted.issubset(DEFAULT_TYPES) else parse_types(wanted.union(DEFAULT_TYPES))
        texts = [Text.of(text) for text in texts]
        pairs = zip(self._model.detect(texts, competing), self._rules.detect(texts, competing), strict=True)
        return [
            Prediction(
                model.text,
                tuple(detection for detection in self._merged(model, rules) if detection.entity.type in wanted),
            )
            for model, rules in pairs
        ]

    def _merged(self, model: Prediction, rules: Prediction) -> tuple[Detection, ...]:
        merged = merge(_somebodys(fit(_somebodys(model))), rules)
        return with_repeated_names(Text.of(model.text).folded, merged) if self._repeated_names else merged


def merge(model: Prediction, rules: Prediction) -> tuple[Detection, ...]:
    """Merge two predictions for the same text by the policy above; the result is sorted and without overlap."""
    kept: list[Detection] = []
    replaced: set[Entity] = set()
    for rule, overlapping in meetings(model.detections, rules.detections):
        scores = [detection.score for detection in overlapping if detection.entity.type == rule.entity.type]
        if scores:
            kept.append(Detection(rule.entity, max(rule.score, *scores), "both", rule.validated))
        elif not overlapping or _overrules(rule, overlapping, model.text):
            kept.append(rule)
        else:
            continue
        replaced.update(detection.entity for detection in overlapping)
    for detection in model.detections:
        entity = detection.entity
        if entity not in replaced:
            kept.append(_checked(detection, model.value(entity)))
    return tuple(sorted(kept, key=lambda detection: detection.entity))


def _checked(detection: Detection, value: str) -> Detection:
    """`detection` with what its type's check says of `value`."""
    validated, score = validate(detection.entity.type, value), detection.score
    if validated is False:
        score *= _FAILED_CHECK / (1 - score + score * _FAILED_CHECK)
    return replace(detection, score=score, validated=validated)


def _somebodys(model: Prediction) -> Prediction:
    """The detections of what does not belong to nobody: asked of whole phrases, and again of what they are cut to."""
    text = Text.of(model.text)
    kept = (detection for detection in model.detections if not belongs_to_nobody(text.folded, detection.entity))
    return Prediction.unchecked(text, tuple(kept))


def _overrules(rule: Detection, overlapping: Sequence[Detection], text: str) -> bool:
    if rule.score == NAMED:
        return True
    enclosed = any(
        encloses(other.entity, rule.entity) and not _goes_on_in_letters(rule.entity, other.entity, text)
        for other in overlapping
    )
    return rule.validated is True and rule.entity.type.info.strong_check and not enclosed


def _goes_on_in_letters(value: Entity, outer: Entity, text: str) -> bool:
    """Whether all that `outer` has more than `value` is a word glued to its end."""
    rest = text[value.end : outer.end]
    return value.start == outer.start and rest.isascii() and rest.isalpha()

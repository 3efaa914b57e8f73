"""The embedded engine: an ONNX encoder over windows of tokens, decoded under the BIOES constraints."""

from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from schemas.checkpoint.tagger_manifest import TaggerManifest
from schemas.errors import ModelError
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.spans.tags import PREFIXES, Span
from schemas.tagger.calibration import Calibration
from schemas.tagger.lexicon import Lexicon
from schemas.tagger.model_input import Tokens, cut, model_inputs, read_tokens
from schemas.taxonomy import DEFAULT_TYPES, EntityType, Types, parse_types
from schemas.text.markup import without_emphasis
from schemas.text.text import Text
from serving.engines.tagger.batches import pack
from serving.engines.tagger.encoder import Encoder
from serving.engines.tagger.viterbi import Scores, TokenSpan, decode, log_probabilities, tag_bias

EMBEDDED = Path(__file__).parent / "weights"
"""Folder of the model that ships with the package."""

_GROUP = 20_000
"""Most characters of texts that are read together."""
_NAMES = frozenset({EntityType.PERSON_NAME, EntityType.USERNAME})
_FAVOUR = {kind: 0.65 if kind in _NAMES else 1.35 for kind in DEFAULT_TYPES}
"""Log-odds in favour of a type: a value that is missed costs more than one that is none.

Names get less, since they are words, of which every text is full.
"""


class Tagger:
    """Finds entities with a token classifier on the CPU; one instance serves any number of threads."""

    def __init__(self, folder: Path = EMBEDDED, threads: int = 2, early: bool = False) -> None:
        """Load the model in `folder` with what stands beside it; compute on `threads` cores.

        With `early` its first layers answer alone.

        Raises ModelError for missing or unreadable files and where there is no early head, FingerprintError for a model
        of another contract.
        """
        self._bias = 0.0
        manifest = TaggerManifest.read(folder)
        self.window = manifest.window
        self._calibration = Calibration.read(folder, early)
        self._lexicon = Lexicon.read(folder)
        if self._lexicon.digest != manifest.lexicon:
            raise ModelError(f"{folder}: the lexicon is not the one that the tagger was trained with")
        self.tokenizer, self._encoder = _load(folder, threads, early)

    def with_bias(self, log_odds: float) -> "Tagger":
        """The same model, with `log_odds` more in favour of an entity at every token (natural logarithm).

        Above 0 it finds more, and more of it is wrong; scores stay what they are worth without it.
        """
        other = copy(self)
        other._bias = self._bias + log_odds
        return other

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """Return one prediction per text, in order, as `schemas.engine.Engine` has it."""
        requested = parse_types(types)
        groups = _groups([Text.of(text) for text in texts])
        return [prediction for group in groups for prediction in self._predict(group, requested)]

    def _predict(self, texts: Sequence[Text], types: Types) -> list[Prediction]:
        read = [read_tokens(self.tokenizer, self._lexicon, text) for text in texts]
        bias = self._bias + np.array([_FAVOUR.get(kind, 0.0) for kind in types], np.float32)
        emissions = self._emissions([tokens for tokens, _ in read], types, tag_bias(types, bias))
        return [
            Prediction.unchecked(text, self._detections(text, offsets, decode(outside, tagged, types, bias)))
            for text, (_, offsets), (outside, tagged) in zip(texts, read, emissions, strict=True)
        ]

    def _emissions(self, texts: Sequence[Tokens], types: Types, bias: Scores) -> list[tuple[Scores, Scores]]:
        """What `log_probabilities` gives for each whole text, put together from its windows."""
        overlap = self.window.overlap
        results = [_empty_emissions(len(text.ids), len(types)) for text in texts]
        for batch in pack(cut(texts, self.window)):
            logits = self._encoder.logits(model_inputs(batch, texts, self.window), bias)
            for (row, start, end), scores in zip(batch, logits, strict=True):
                tokens = len(texts[row].ids)
                # where windows overlap, each token takes the scores of the window in which it lies deeper
                head = start + overlap // 2 if start else 0
                tail = end - (overlap - overlap // 2) if end < tokens else end
                parts = log_probabilities(scores[1 + head - start : 1 + tail - start], types)
                for whole, part in zip(results[row], parts, strict=True):
                    whole[head:tail] = part
        return results

    def _detections(self, text: Text, offsets: Sequence[Span], spans: Sequence[TokenSpan]) -> tuple[Detection, ...]:
        """The entities of `spans` of tokens, in order: each begins where the one before has ended, or later."""
        plain, detections, previous_end = without_emphasis(text), [], 0
        for span in spans:
            start, end = max(offsets[span.first][0], previous_end), offsets[span.last][1]
            start, end = _trim(plain, start, end)
            if start < end:
                score = self._calibration.apply(span.type, span.score)
                detections.append(Detection(Entity(start, end, span.type), score, "model"))
                previous_end = end
        return tuple(detections)


def _groups(texts: Sequence[Text]) -> Iterator[list[Text]]:
    """The texts in order, in groups of at most `_GROUP` characters or one text, so that memory stays bounded."""
    group: list[Text] = []
    size = 0
    for text in texts:
        if group and size + len(text) > _GROUP:
            yield group
            group, size = [], 0
        group.append(text)
        size += len(text)
    if group:
        yield group


def _empty_emissions(tokens: int, types: int) -> tuple[Scores, Scores]:
    return np.empty(tokens, np.float32), np.empty((tokens, types, len(PREFIXES)), np.float32)


def _load(folder: Path, threads: int, early: bool) -> tuple[Tokenizer, Encoder]:
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.encode_special_tokens = True  # a text's "</s>" is four characters, no control token
        return tokenizer, Encoder(folder, threads, early)
    except Exception as error:  # both libraries raise bare Exception
        raise ModelError(f"{folder}: the tagger cannot be loaded: {error}") from error


def _trim(text: str, start: int, end: int) -> Span:
    """Leave white space at either end out of the span, and marks of emphasis, which `text` has as such."""
    inner = text[start:end]
    return start + len(inner) - len(inner.lstrip()), end - len(inner) + len(inner.rstrip())

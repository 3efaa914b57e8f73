"""Hypothesis strategies for the objects of the contract."""

import itertools
from typing import get_args

from hypothesis import strategies as st

from schemas.llm.codec import Mention
from schemas.spans.entity import Document, Entity, Example
from schemas.spans.prediction import Detection, Prediction, Source
from schemas.taxonomy import ALL_TYPES, EntityType

VALUE_ALPHABET = '张三å13@"\\\n\x01|>😀１'
FILLER_ALPHABET = "的是，。 bc{}\t<é💡"

texts = st.text(max_size=60)
types = st.sampled_from(ALL_TYPES)
type_lists = st.lists(types, min_size=1, unique=True).map(tuple)
mentions = st.builds(Mention, types, st.text(min_size=1, max_size=8))


@st.composite
def entities_in(draw: st.DrawFn, text: str, allowed: tuple[EntityType, ...] = ALL_TYPES) -> tuple[Entity, ...]:
    """Sorted disjoint entities of `allowed` types in `text`; neighbours may touch."""
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=10)))
    kinds = st.none() | st.sampled_from(allowed) if allowed else st.none()
    marks = [(start, end, draw(kinds)) for start, end in itertools.pairwise(cuts)]
    return tuple(Entity(start, end, kind) for start, end, kind in marks if kind is not None)


@st.composite
def examples(draw: st.DrawFn, min_annotated: int = 0) -> Example:
    """Examples with any text, any entities and at least `min_annotated` annotated types in any order."""
    text = draw(texts)
    annotated = tuple(draw(st.lists(types, min_size=min_annotated, unique=True)))
    entities = draw(entities_in(text, annotated))
    slices = draw(st.dictionaries(texts, texts, max_size=2))
    return Example(Document(draw(texts), text), entities, draw(texts), draw(texts), annotated, slices)


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, tuple[Entity, ...]]:
    """A text and its entities such that no value occurs between entities: values and filler share no character."""
    text, entities = "", []
    for _ in range(draw(st.integers(0, 8))):
        text += draw(st.text(FILLER_ALPHABET, max_size=4))
        value = draw(st.text(VALUE_ALPHABET, min_size=1, max_size=3))
        entities.append(Entity(len(text), len(text) + len(value), draw(types)))
        text += value
    return text + draw(st.text(FILLER_ALPHABET, max_size=4)), tuple(entities)


@st.composite
def predictions(draw: st.DrawFn) -> Prediction:
    """Predictions over any text, with any score, source and validation."""
    text = draw(texts)
    found = [
        Detection(
            entity,
            draw(st.floats(0, 1)),
            draw(st.sampled_from(get_args(Source))),
            draw(st.none() | st.booleans()),
        )
        for entity in draw(entities_in(text))
    ]
    return Prediction(text, tuple(found))


@st.composite
def token_spans(draw: st.DrawFn, length: int) -> list[tuple[int, int]]:
    """Disjoint ascending spans in `[0, length)`, with gaps; only the first may be empty."""
    cuts = sorted(draw(st.sets(st.integers(0, length), max_size=20)))
    spans = [span for span in itertools.pairwise(cuts) if draw(st.integers(0, 4))]
    return [(0, 0), *spans] if draw(st.booleans()) else spans

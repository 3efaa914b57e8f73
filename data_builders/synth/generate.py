"""Generates annotated texts, split by template and by personal value."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from data_builders.splits import Split
from data_builders.synth.cast import Cast
from data_builders.synth.fill import DraftText, compose, fill
from data_builders.synth.noise import kinds
from data_builders.synth.noise.script import STANDARDS, BothScripts
from data_builders.synth.registers import Register, register_of
from data_builders.synth.sampling import Partition
from data_builders.synth.segment import Segment, assemble
from data_builders.synth.template import Template, templates_of
from data_builders.synth.values.slots import NEAR_MISSES, SLOTS
from schemas.spans.entity import Document, Example
from schemas.taxonomy import DEFAULT_TYPES

SOURCE = "synthetic"

LONG_SHARE = 0.08
"""Share of the long documents about a few persons."""

EMPTY_SHARE = 0.3
"""Share of the texts without an entity of a default type."""

NEAR_MISS_SHARE = 0.5
"""Share of near misses among those."""

_PERSONAL = {slot for slot, made in SLOTS.items() if made.type in DEFAULT_TYPES}


class _Pools:
    """The templates of a split by what they may hold."""

    def __init__(self, templates: Sequence[Template]) -> None:
        by_slot: dict[str, list[Template]] = {slot: [] for slot, made in SLOTS.items() if made.type}
        self.personal: list[Template] = []
        self.near: list[Template] = []
        self.quiet: list[Template] = []
        self.families: dict[str, list[Template]] = defaultdict(list)
        for template in templates:
            slots = template.slots
            self.families[template.family].append(template)
            kind = self.personal if slots & _PERSONAL else self.near if slots & NEAR_MISSES else self.quiet
            kind.append(template)
            for slot in sorted(slots & by_slot.keys()) if slots & _PERSONAL else ():
                by_slot[slot].append(template)
        self.rare = [pool for pool in by_slot.values() if pool]
        bearing = {template.family for template in self.personal}
        self.centres = [name for name in self.families if name in bearing and register_of(name) != Register.BARE]

    def single(self, rng: random.Random) -> Template:
        """A template that bears personal data, half by slot, so that rare types occur as often as common ones."""
        return rng.choice(self.personal if rng.random() < 0.5 else rng.choice(self.rare))

    def empty(self, rng: random.Random) -> Template:
        """A template without personal data."""
        near, quiet = (self.near, self.quiet) if rng.random() < NEAR_MISS_SHARE else (self.quiet, self.near)
        return rng.choice(near or quiet)


def generate(split: Split, size: int, seed: int, near_misses: bool = False) -> Iterator[Example]:
    """Yield `size` examples of `split`; the same seed gives the same examples on any machine.

    The shares of long documents, texts without personal data and noise are the constants of this module and of
    `noise.kinds`. `near_misses` limits the templates to those with order numbers, hotlines and the like: a test of
    precision.
    Every example annotates all types of the taxonomy; its slices name the templates with their parts, joined by `+`,
    and the noise.
    """
    templates = templates_of(Partition(split))
    pools = _Pools([template for template in templates if not near_misses or template.slots & NEAR_MISSES])
    for number in range(size):
        rng = random.Random(f"{seed}-{split}-{number}")
        draw = rng.random()
        make = _long if draw < LONG_SHARE else _empty if draw < LONG_SHARE + EMPTY_SHARE else _single
        draft, kind = make(pools, split, rng)
        yield _example(draft, kind, f"{SOURCE}-{split}-{number}")


def _long(pools: _Pools, split: Split, rng: random.Random) -> tuple[DraftText, str]:
    while True:
        family = rng.choice(pools.centres)
        cast, kind = _cast(family, split, rng)
        draft = compose(pools.families, family, cast)
        if draft and _is_personal(draft.segments):
            return _with_noise(draft, kind, cast)


def _empty(pools: _Pools, split: Split, rng: random.Random) -> tuple[DraftText, str]:
    template = pools.empty(rng)
    cast, kind = _cast(template.family, split, rng)
    return _with_noise(fill(template, cast), kind, cast)


def _single(pools: _Pools, split: Split, rng: random.Random) -> tuple[DraftText, str]:
    while True:
        template = pools.single(rng)
        cast, kind = _cast(template.family, split, rng)
        draft = fill(template, cast)
        if _is_personal(draft.segments):
            return _with_noise(draft, kind, cast)


def _cast(family: str, split: Split, rng: random.Random) -> tuple[Cast, str]:
    """The kind of noise for a text of `family`, and persons whose values bear it."""
    kind = kinds.draw_kind(family, rng)
    traditional = kind == kinds.TRADITIONAL
    return Cast(rng, BothScripts(split, rng.choice(STANDARDS)) if traditional else Partition(split)), kind


def _is_personal(segments: Iterable[Segment]) -> bool:
    return any(segment.type in DEFAULT_TYPES for segment in segments)


def _with_noise(draft: DraftText, kind: str, cast: Cast) -> tuple[DraftText, str]:
    if isinstance(cast.partition, BothScripts):
        segments = cast.partition.convert(draft.segments)
        kind = kind if segments != draft.segments else kinds.NONE
    else:
        segments, kind = kinds.apply(kind, draft.segments, draft.family, cast.rng)
    return DraftText(segments, draft.ids, draft.family), kind


def render(template: Template, partition: Partition, rng: random.Random, name: str) -> Example:
    """Fill one template with the values of its persons, without noise; `name` becomes the document's id."""
    return _example(fill(template, Cast(rng, partition)), kinds.NONE, name)


def _example(draft: DraftText, kind: str, name: str) -> Example:
    text, entities = assemble(draft.segments)
    slices = {"template": "+".join(draft.ids), "noise": kind}
    return Example(Document(name, text), entities, source=SOURCE, family=draft.family, slices=slices)

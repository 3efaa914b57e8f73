"""Speed changes nothing: drafts, shared prefixes and batches write what the plain loop writes."""

import random
from collections.abc import Iterator, Sequence

import pytest

from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import DEFAULT_TYPES, EntityType
from serving.engines.llm.answers import WrittenAnswer
from serving.engines.llm.backends.torch_backend import TorchBackend
from serving.engines.llm.engine import LlmEngine, LlmSettings
from tests.serving.engines.llm.tiny import CHAT, tiny_model

LONG = 50.0
"""Log-odds with which a random model goes on to the end of the text."""
_CHARS = '张三李四的是在有人这中大来上国，。电话13800138000 abc@"\\\n\x01😀𠮷é}]{,:'


def random_texts(number: int, longest: int = 60) -> list[str]:
    choose = random.Random(1)
    return ["".join(choose.choices(_CHARS, k=choose.randint(0, longest))) for _ in range(number)]


class Guesser:
    """Guesses an entity at every third character."""

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        kinds = tuple(types or DEFAULT_TYPES)
        return [Prediction(text, tuple(self._guess(text, kinds))) for text in texts]

    def _guess(self, text: str, kinds: Sequence[EntityType]) -> Iterator[Detection]:
        for at in range(0, len(text) - 2, 3):
            yield Detection(Entity(at, at + 2, kinds[at % len(kinds)]), 1.0, "rule")


@pytest.fixture(scope="module")
def model() -> TorchBackend:
    return tiny_model()


def same(left: WrittenAnswer, right: WrittenAnswer) -> bool:
    return list(left.tokens) == list(right.tokens)


def test_drafts_change_nothing(model: TorchBackend) -> None:
    types = DEFAULT_TYPES[:5]
    plain = LlmEngine(model, CHAT, LlmSettings(ahead=0, bias=LONG))
    texts = random_texts(60)
    expected = [plain.answer([text], types)[0] for text in texts]
    assert sum(len(written.tokens) for written in expected) > 20 * len(texts)
    drafted = [
        LlmEngine(model, CHAT, LlmSettings(bias=LONG, copy=False)),
        LlmEngine(model, CHAT, LlmSettings(bias=LONG)),
        LlmEngine(model, CHAT, LlmSettings(bias=LONG, ahead=100), Guesser()),
        LlmEngine(model, CHAT, LlmSettings(bias=LONG, ahead=3), Guesser()),
    ]
    for detector in drafted:
        for text, written in zip(texts, expected, strict=True):
            (found,) = detector.answer([text], types)
            assert same(found, written)
            assert list(found.log_probabilities) == pytest.approx(list(written.log_probabilities), abs=1e-4)


def test_drafts_save_calls(model: TorchBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    begin = model.begin

    def counted(prefix: Sequence[int], rows: int) -> object:
        started = begin(prefix, rows)
        forward = started.forward
        monkeypatch.setattr(started, "forward", lambda *given: (calls.append(1), forward(*given))[1])
        return started

    monkeypatch.setattr(model, "begin", counted)
    used = []
    for settings, guesser in (
        (LlmSettings(bias=LONG, ahead=0), None),
        (LlmSettings(bias=LONG), None),
        (LlmSettings(bias=LONG, ahead=100), Guesser()),
    ):
        calls.clear()
        LlmEngine(model, CHAT, settings, guesser).answer(["我叫张三，电话13800138000"], DEFAULT_TYPES)
        used.append(len(calls))
    assert used[0] > used[1] > 0 and used[0] > used[2] > 0


def test_batches_change_nothing(model: TorchBackend) -> None:
    texts = random_texts(24)
    detector = LlmEngine(model, CHAT, LlmSettings(bias=LONG), Guesser())
    single = [detector.answer([text], DEFAULT_TYPES)[0] for text in texts]
    for start in range(0, len(texts), 8):
        batch = detector.answer(texts[start : start + 8], DEFAULT_TYPES)
        assert all(map(same, batch, single[start : start + 8]))


def test_prefixes_are_kept_and_change_nothing(model: TorchBackend) -> None:
    detector = LlmEngine(model, CHAT)
    first = detector.answer(["张三"], DEFAULT_TYPES)
    for number in range(1, 12):
        detector.answer(["张三"], DEFAULT_TYPES[:number])
    assert same(detector.answer(["张三"], DEFAULT_TYPES)[0], first[0])


def test_the_operating_point_moves_the_number_of_entities(model: TorchBackend) -> None:
    texts = random_texts(20)
    counts = []
    for bias in (-50.0, 0.0, 50.0):
        detector = LlmEngine(model, CHAT, LlmSettings(bias=bias))
        counts.append(sum(len(found.entities) for found in detector.detect(texts, DEFAULT_TYPES)))
    assert 0 == counts[0] <= counts[1] < counts[2]

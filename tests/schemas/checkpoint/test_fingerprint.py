"""Fingerprints change when the contract changes, and a mismatch is refused."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from schemas.checkpoint import fingerprint
from schemas.checkpoint.fingerprint import check_fingerprint, llm_fingerprint, tagger_fingerprint
from schemas.errors import FingerprintError, ModelError
from schemas.llm import codec, prompt
from schemas.spans.entity import Example
from schemas.taxonomy import ALL_TYPES, EntityType


@pytest.mark.parametrize("make", [tagger_fingerprint, llm_fingerprint])
def test_a_fingerprint_is_a_stable_sha256(make: Callable[[], str]) -> None:
    assert make() == make()
    assert len(make()) == 64 and int(make(), 16) >= 0


def test_a_change_of_the_question_changes_the_llm_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = llm_fingerprint()
    monkeypatch.setattr(prompt, "instruction", lambda types: "列出实体。")
    assert llm_fingerprint() != before


def test_a_change_of_the_codec_changes_the_llm_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = llm_fingerprint()
    monkeypatch.setattr(prompt, "encode_answer", lambda text, entities: codec.encode_answer(text, entities) + " ")
    assert llm_fingerprint() != before


@pytest.mark.parametrize(("control", "loss"), [(False, False), (True, True)])
def test_a_change_of_a_flag_changes_the_llm_fingerprint(
    monkeypatch: pytest.MonkeyPatch, control: bool, loss: bool
) -> None:
    before = llm_fingerprint()

    def changed(example: Example, types: Sequence[EntityType]) -> tuple[prompt.PromptPiece, ...]:
        first, *others = prompt.training_example(example, types)
        return replace(first, control=control, loss=loss), *others

    monkeypatch.setattr(fingerprint, "training_example", changed)
    assert llm_fingerprint() != before


def test_a_change_of_the_types_changes_the_llm_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = llm_fingerprint()
    monkeypatch.setattr(fingerprint, "ALL_TYPES", ALL_TYPES[::-1])
    assert llm_fingerprint() != before


def test_a_change_of_tags_folding_or_boundaries_changes_the_tagger_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {tagger_fingerprint()}
    for name, value in [("TAGS", ("O",)), ("fold", str.lower), ("STANDALONE", "[a-z]")]:
        monkeypatch.setattr(fingerprint, name, value)
        seen.add(tagger_fingerprint())
        monkeypatch.undo()
    assert len(seen) == 4


def test_an_equal_fingerprint_passes_and_another_is_refused() -> None:
    expected = tagger_fingerprint()
    check_fingerprint(expected, expected, "models/tagger")
    for found in [llm_fingerprint(), "", None, 7]:
        with pytest.raises(FingerprintError, match="models/tagger") as raised:
            check_fingerprint(found, expected, "models/tagger")
        assert isinstance(raised.value, ModelError)

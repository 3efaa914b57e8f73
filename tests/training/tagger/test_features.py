from pathlib import Path

import torch

from schemas.checkpoint.tagger_manifest import WindowConfig
from schemas.spans.entity import Document, Entity, Example
from schemas.spans.tags import TAGS, tag_id
from schemas.tagger.lexicon import FEATURES, Lexicon
from schemas.tagger.word_kind import WordKind
from schemas.taxonomy import EntityType as T
from training.tagger.features import IGNORED, Vocabulary, WindowCollator, featurize, taught_types
from training.tagger.tokenizer import load_tokenizer

WINDOW = WindowConfig(size=8, overlap=4, bos=0, eos=2, pad=1)
WORDS = Lexicon.of({"张三": WordKind.PERSON})
NAMES_ONLY = (T.PERSON_NAME, T.LOCATION, T.ORGANIZATION)


def example(text: str, *entities: Entity, annotated: tuple[T, ...] = tuple(T)) -> Example:
    return Example(Document("x", text), entities, "test", annotated=annotated)


def test_labels_stand_on_their_characters(base: Path) -> None:
    (feature,) = featurize(
        [example("张三在", Entity(0, 2, T.PERSON_NAME))], Vocabulary(load_tokenizer(base), WORDS), WINDOW
    )
    inner = feature["labels"][1:-1]
    assert inner == [0, tag_id(T.PERSON_NAME, "B"), tag_id(T.PERSON_NAME, "E"), 0]
    assert (feature["labels"][0], feature["labels"][-1]) == (IGNORED, IGNORED)
    assert [mark > 0 for mark in feature["words"]] == [False, False, True, True, False, False]
    assert (feature["input_ids"][0], feature["input_ids"][-1]) == (0, 2)


def test_long_texts_become_windows_that_cover_every_token(base: Path) -> None:
    features = list(featurize([example("张三的电话是12345。" * 4)], Vocabulary(load_tokenizer(base), WORDS), WINDOW))
    assert len(features) > 5
    assert all(len(feature["input_ids"]) <= WINDOW.size + 2 for feature in features)
    whole = features[0]["input_ids"][1:-1]
    for feature in features[1:]:
        assert feature["input_ids"][1 : 1 + WINDOW.overlap] == whole[-WINDOW.overlap :]
        whole += feature["input_ids"][1 + WINDOW.overlap : -1]
    assert len(whole) == 1 + 4 * len("张三的电话是12345。")


def test_partial_annotation_teaches_only_its_types() -> None:
    for text in ("电话是12345", "电话是１２３４５", "卡号6222 0200", "用a", "用Ａ"):
        assert set(taught_types(example(text, annotated=NAMES_ONLY))) == set(NAMES_ONLY)
    without = taught_types(example("张三在1998年和2000年", annotated=NAMES_ONLY))
    assert set(NAMES_ONLY) | {T.PHONE_NUMBER, T.EMAIL} <= set(without)
    assert not {T.ADDRESS, T.PASSWORD, T.DATE_TIME} & set(without)


def test_batches_are_padded_and_masked(base: Path) -> None:
    features = list(
        featurize(
            [example("张三"), example("张三在的", annotated=NAMES_ONLY)],
            Vocabulary(load_tokenizer(base), WORDS),
            WINDOW,
        )
    )
    batch = WindowCollator(WINDOW.pad)(features)
    assert batch["input_ids"].shape == batch["labels"].shape == batch["attention_mask"].shape == (2, 7)
    assert batch["words"].shape == (2, 7, FEATURES)
    assert batch["words"].sum(2).tolist() == [[0, 0, 1, 1, 0, 0, 0], [0, 0, 1, 1, 0, 0, 0]]
    assert batch["attention_mask"].sum(1).tolist() == [5, 7]
    assert batch["labels"][0, -2:].tolist() == [IGNORED, IGNORED]
    assert batch["allowed"].shape == (2, len(TAGS))
    assert torch.equal(batch["allowed"][0], torch.ones(len(TAGS), dtype=torch.bool))
    assert not batch["allowed"][1, tag_id(T.ADDRESS, "B")]
    assert batch["allowed"][1, 0]


def test_texts_without_tokens_give_no_window(base: Path) -> None:
    features = list(
        featurize([example(""), example("张"), example("")], Vocabulary(load_tokenizer(base), WORDS), WINDOW)
    )
    assert [len(feature["input_ids"]) for feature in features] == [4]


def test_control_tokens_in_a_text_are_text(base: Path) -> None:
    (feature,) = featurize([example("张</s>三")], Vocabulary(load_tokenizer(base), WORDS), WINDOW)
    assert feature["input_ids"].count(WINDOW.eos) == 1

import json

import pytest

from eval.bench import run_benchmark, text_of
from eval.report import print_report
from eval.scores import Counts, clean_share, strict_counts
from schemas.entity import Document, Entity, Example
from schemas.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T
from serving.rules import RuleDetector

NAME, PHONE = T.PERSON_NAME, T.PHONE_NUMBER


def example(*entities: Entity, annotated: tuple[T, ...] = tuple(T)) -> Example:
    return Example(Document("x", "张三和李四，电话12345"), entities, "test", annotated=annotated)


def prediction(*entities: Entity) -> Prediction:
    return Prediction("张三和李四，电话12345", tuple(Detection(entity, 1.0, "model") for entity in entities))


def test_only_exact_spans_of_the_right_type_count() -> None:
    gold = example(Entity(0, 2, NAME), Entity(3, 5, NAME))
    found = prediction(Entity(0, 2, NAME), Entity(3, 4, NAME), Entity(8, 13, PHONE))
    counts = strict_counts([gold], [found], [NAME, PHONE])
    assert counts == {NAME: Counts(1, 1, 1), PHONE: Counts(0, 1, 0)}
    micro = sum(counts.values(), Counts())
    assert (micro.precision, micro.recall, micro.f1) == (pytest.approx(1 / 3), 0.5, 0.4)


def test_types_a_corpus_does_not_annotate_are_not_scored() -> None:
    counts = strict_counts([example(annotated=(NAME,))], [prediction(Entity(8, 13, PHONE))], [NAME, PHONE])
    assert counts[PHONE] == Counts()


def test_empty_counts_are_perfect_and_add_up() -> None:
    assert (Counts().precision, Counts().recall, Counts().f1) == (1.0, 1.0, 1.0)
    assert Counts(1, 2, 3) + Counts(4, 5, 6) == Counts(5, 7, 9)


def test_clean_share_looks_at_texts_without_entities_only() -> None:
    examples = [example(), example(), example(Entity(0, 2, NAME))]
    predictions = [prediction(), prediction(Entity(8, 13, PHONE)), prediction(Entity(3, 5, NAME))]
    assert clean_share(examples, predictions, [NAME, PHONE]) == 0.5
    assert clean_share(examples, predictions, [NAME]) == 1.0


def test_report_ends_in_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    text = "电话13800138000"
    rows = [Example(Document("1", text), (Entity(2, 13, PHONE),), "test")]
    print_report(RuleDetector(), rows, [PHONE])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["f1"] == 1.0
    assert figures["tp_fp_fn"] == {"PHONE_NUMBER": [1, 0, 0]}


def test_benchmark_runs_on_any_detector_and_ends_in_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    figures = run_benchmark(RuleDetector(), repeats=3, rounds=1)
    assert json.loads(capsys.readouterr().out.splitlines()[-1]).keys() == figures.keys()
    assert all(value > 0 for value in figures.values())


def test_benchmark_texts_have_the_stated_length() -> None:
    assert [len(text_of(length, 7)) for length in (1, 100, 5000)] == [1, 100, 5000]


def test_clean_share_ignores_what_a_corpus_does_not_annotate() -> None:
    partly, phone = example(annotated=(NAME,)), prediction(Entity(8, 13, PHONE))
    assert clean_share([partly], [phone], [NAME, PHONE]) == 1.0
    assert clean_share([partly, example()], [phone, phone], [NAME, PHONE]) == 0.5

"""Engines by name: what a spec means, and what is told of one that is wrong."""

from pathlib import Path
from typing import Any

import pytest

from pii_sft.detector import Detector
from pii_sft.registry import ENGINES, MEASURED, parse_spec
from schemas.errors import ModelError
from schemas.options import TARGET


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("other", "not an engine; choose one of tagger, tagger-fast, llm"),
        ("llm", "needs a model"),
        ("rules:x", "takes no model"),
        ("tagger?few-shot", "has no option few-shot; it has recall, no-rules, no-repeated-names, threads"),
        ("zero-shot:x?bits=four", "the option bits is not an integer"),
        ("zero-shot:x?bits=5", "the option bits is one of 4, 8"),
        ("llm:x?runtime=vllm", "the option runtime is one of torch, onnx"),
        ("zero-shot:x?schema=yes", "takes no value"),
        ("zero-shot:x?schema&grounded", "not both"),
        ("zero-shot:x?schema&formed", "not both"),
        ("zero-shot:x?recall=1", "needs grounded"),
        ("zero-shot:x?recall=nan", "not a number"),
        ("tagger?threads=0", "is not an integer of 1 or more"),
        ("presidio:no_such_model", "no_such_model is not installed"),
        ("openai:server#model", "needs an address and a model"),
        ("openai:http://server/v1", "needs an address and a model"),
        ("vllm:http://server/v1", "needs an address and a model"),
        ("vllm:http://server/v1#pii", "vllm: needs adapter=FOLDER"),
        ("sglang:server", "needs an address"),
        ("sglang:http://server", "sglang: needs adapter=FOLDER"),
        ("llm:none/such/folder", "neither a folder"),
        ("random:none.json", "No such file"),
        ("cascade", "needs an engine to ask"),
        ("cascade:rules?ask-from=0.9&ask-below=0.5", "ask-from is above ask-below"),
        ("cascade:rules?ask-from=90&ask-below=95", "or above 1, the highest score"),
        ("cascade:cascade:rules", "cannot be cascades"),
        ("cascade:rules?first=tagge", "tagge: not an engine"),
        ("cascade:(tagger?thread=1)?ask-below=0.8", "tagger: has no option thread"),
        ("cascade:(tagger?threads=1", "cascade: has no option threads"),
    ],
)
def test_a_name_that_is_wrong_is_told(spec: str, told: str) -> None:
    with pytest.raises(ModelError, match=told):
        parse_spec(spec, measured=True).load()


def test_parentheses_hold_an_engine_with_options_of_its_own() -> None:
    spec = parse_spec("cascade:(llm:a(1)?bits=4&few-shot)?first=(tagger?recall=2&no-rules)&ask-below=0.8")
    assert spec.config.model == "(llm:a(1)?bits=4&few-shot)"
    assert (spec.config.first, spec.config.ask_below) == ("(tagger?recall=2&no-rules)", 0.8)
    loaded = parse_spec("cascade:(tagger-fast?threads=1&no-rules)?first=(rules)").load()
    assert loaded.description.endswith("on 1 CPU threads for scores from 0 to 0.9")


@pytest.mark.parametrize(
    "options", [{"threads": "2"}, {"threads": 0}, {"threads": True}, {"recall": float("nan")}, {"rules": 1}]
)
def test_a_keyword_that_an_option_cannot_have_is_told(options: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="tagger: an option is not"):
        parse_spec("tagger").changed(options)


def test_a_path_may_be_a_text() -> None:
    assert parse_spec("llm").changed({"adapter": "run", "threads": None}).config.adapter == Path("run")


def test_what_is_only_measured_cannot_be_asked_to_detect() -> None:
    with pytest.raises(ModelError, match="random: not an engine"):
        parse_spec("random:qwen3-8b")


def test_every_engine_and_option_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    rows = {row.split("`")[1].partition(":")[0]: row for row in page.splitlines() if row.startswith("| `")}
    assert rows.keys() == (ENGINES | MEASURED).keys()
    shared = {option.word for option in parse_spec("llm").options.values()}
    for name, row in rows.items():
        words = {option.word for option in parse_spec(name, measured=True).options.values() if option.name != TARGET}
        left = words - shared if name == "zero-shot" else words
        assert all(f"`{word}`" in row for word in left), name


def test_options_are_parsed() -> None:
    config = parse_spec("openai:http://s/v1#m?few-shot&concurrency=4&input-price=0.5").config
    assert (config.model, config.few_shot, config.concurrency, config.input_price) == ("http://s/v1#m", True, 4, 0.5)
    assert not config.schema


def test_names_and_keywords_mean_the_same() -> None:
    spec = parse_spec("tagger?no-rules&threads=1&recall=0.5")
    assert spec == parse_spec("tagger").changed({"rules": False, "threads": 1, "recall": 0.5})


def test_python_takes_names_with_options_and_keywords() -> None:
    assert "1 CPU" in Detector.load("tagger?threads=1").description
    assert Detector.load("rules").detect("电话13800138000").entities
    with pytest.raises(ModelError, match="rules: has no option threads"):
        Detector.load("rules", threads=1)


def test_a_cascade_asks_its_second_engine() -> None:
    asks_always = Detector.load("cascade:rules?first=tagger-fast&ask-below=1.1")
    assert (
        asks_always.detect("我叫张三，电话13800138000").entities
        == Detector.load("rules").detect("我叫张三，电话13800138000").entities
    )
    asks_never = Detector.load("cascade", model="rules", first="tagger-fast?threads=1", ask_below=0.0)
    assert [found.type for found in asks_never.detect("我叫张三，电话13800138000").detections] == [
        "PERSON_NAME",
        "PHONE_NUMBER",
    ]

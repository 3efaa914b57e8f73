"""Workers on Ray that die."""

import importlib.util
import os
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import pytest

from schemas.spans.prediction import Prediction
from serving.engines.rules.engine import RulesEngine
from tests.serving.scan.cases import PHONE, findings, quarantined, scanned

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed: pip install '.[scale]'"),
    pytest.mark.filterwarnings("ignore"),  # Ray warns of itself
]


@pytest.fixture(autouse=True)
def _ends_ray() -> Iterator[None]:
    yield
    import_module("ray").shutdown()


def find_or_die(texts: Sequence[str]) -> list[Prediction]:
    """What the rules find; no process survives a text of one word."""
    if "致命" in texts:
        os._exit(1)
    return RulesEngine().detect(texts)


def test_a_part_that_kills_its_workers_goes_to_the_quarantine(tmp_path: Path) -> None:
    from serving.scan.runners.ray import OnRay

    for name, text in (("a.txt", "致命"), ("b.txt", f"电话{PHONE}")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    outcome = scanned([tmp_path / "a.txt", tmp_path / "b.txt"], tmp_path / "out", find_or_die, OnRay(1))
    assert outcome.quarantined == "1 files"
    assert quarantined(tmp_path / "out") == [{"file": "a.txt", "reason": "3 workers died on it"}]
    assert [found[0] for found in findings(tmp_path / "out")] == ["b.txt"]

"""Several adapters on one base in one process."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from pii_sft.scoring import make_scorer
from schemas.checkpoint.base import TINY, Base, open_base
from schemas.errors import ModelError
from schemas.spans.entity import Example
from serving.engines.llm.load import load_llm
from serving.engines.llm.shared_base import shared_base
from tests.training.llm.runs import recipe
from training.llm.run import train


@pytest.fixture(scope="module")
def learnt(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("learnt")
    assert train(recipe(data), out, make_scorer)
    return out


@pytest.fixture
def mute(learnt: Path, tmp_path: Path) -> Path:
    """An adapter of the same form without effect."""
    shutil.copytree(learnt, tmp_path / "mute", ignore=shutil.ignore_patterns("checkpoints"))
    file = tmp_path / "mute" / "adapter_model.safetensors"
    save_file({name: torch.zeros_like(weight) for name, weight in load_file(file).items()}, file)
    return tmp_path / "mute"


def test_adapters_share_a_base_and_answer_as_they_do_alone(learnt: Path, mute: Path, examples: list[Example]) -> None:
    texts = [example.document.text for example in examples]
    alone = [load_llm(TINY, folder, dtype="float32").detect(texts) for folder in (learnt, mute, None)]
    assert [prediction.entities for prediction in alone[0]] == [example.entities for example in examples]
    assert alone[0] != alone[1] == alone[2]
    engines = [load_llm(TINY, folder, dtype="float32") for folder in (None, learnt, mute)]
    assert len({id(engine.backend.decoder) for engine in engines}) == 1
    with ThreadPoolExecutor(3) as threads:
        together = list(threads.map(lambda engine: engine.detect(texts), [*engines, *engines]))
    assert together == [alone[2], alone[0], alone[1]] * 2


def test_an_adapter_that_does_not_fit_leaves_the_others_alone(
    learnt: Path, mute: Path, examples: list[Example], tmp_path: Path
) -> None:
    texts = [example.document.text for example in examples]
    shutil.copytree(mute, tmp_path / "narrow")
    file = tmp_path / "narrow" / "adapter_model.safetensors"
    save_file({name: weight[:1].contiguous() for name, weight in load_file(learnt / file.name).items()}, file)
    plain = load_llm(TINY, dtype="float32")
    without = plain.detect(texts)
    for _ in range(2):
        with pytest.raises(ModelError, match="narrow: the adapter does not fit this base"):
            load_llm(TINY, tmp_path / "narrow", dtype="float32")
        assert plain.detect(texts) == without
    adapted = load_llm(TINY, learnt, dtype="float32")
    answers = adapted.detect(texts)
    with pytest.raises(ModelError, match="narrow: the adapter does not fit this base"):
        load_llm(TINY, tmp_path / "narrow", dtype="float32")
    assert (adapted.detect(texts), plain.detect(texts)) == (answers, without)


def test_a_base_is_shared_only_in_one_form_and_while_it_is_used() -> None:
    first, other = (shared_base(open_base(Base(TINY, dtype=dtype))) for dtype in ("float32", "bfloat16"))
    assert first is not other
    assert shared_base(open_base(Base(TINY, dtype="float32"))) is first


def test_an_adapter_whose_tensors_no_layer_takes_is_refused(learnt: Path, mute: Path, examples: list[Example]) -> None:
    file = mute / "adapter_model.safetensors"
    weights = load_file(learnt / file.name)
    renamed = {name.replace("model.layers", "model.language_model.layers"): weight for name, weight in weights.items()}
    for changed in (renamed, dict(list(weights.items())[:-2])):
        save_file(changed, file)
        with pytest.raises(ModelError, match=r"mute: the adapter does not fit this base: .* missing"):
            load_llm(TINY, mute, dtype="float32")


def test_a_folder_with_other_content_is_another_adapter(learnt: Path, mute: Path, examples: list[Example]) -> None:
    texts = [example.document.text for example in examples]
    before = load_llm(TINY, mute, dtype="float32")
    without = before.detect(texts)
    shutil.copy(learnt / "adapter_model.safetensors", mute)
    after = load_llm(TINY, mute, dtype="float32").detect(texts)
    assert [prediction.entities for prediction in after] == [example.entities for example in examples]
    assert before.detect(texts) == without != after

"""The graph that is written out gives what the model gives."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from transformers import RobertaConfig, RobertaModel

from schemas.errors import ModelError
from schemas.tagger.lexicon import FEATURES
from training.tagger.graph import encoder_graph, parts
from training.tagger.model import every_logits, load_encoder, tag_logits

ROWS, LENGTH, SHORT = 3, 24, 15


@pytest.fixture(scope="module")
def inputs() -> dict[str, np.ndarray]:
    """Rows of one length, of which the second ends early."""
    rng = np.random.default_rng(1)
    mask = np.ones((ROWS, LENGTH), np.int64)
    mask[1, SHORT:] = 0
    words = rng.integers(0, 2, (ROWS, LENGTH, FEATURES)).astype(np.float32)
    return {"input_ids": rng.integers(4, 9, (ROWS, LENGTH)), "words": words, "attention_mask": mask}


@pytest.fixture(scope="module")
def session(run: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(encoder_graph(load_encoder(run)).SerializeToString())


def test_scores_are_those_of_the_model(
    run: Path, session: onnxruntime.InferenceSession, inputs: dict[str, np.ndarray]
) -> None:
    tensors = {name: torch.from_numpy(values) for name, values in inputs.items()}
    model: torch.nn.Module = load_encoder(run)
    model.eval()
    with torch.no_grad():
        expected = tag_logits(model, **tensors).numpy()
    read = inputs["attention_mask"] > 0
    np.testing.assert_allclose(session.run(None, inputs)[0][read], expected[read], atol=1e-4)


def test_a_row_gets_the_same_in_any_company_and_with_any_padding(
    session: onnxruntime.InferenceSession, inputs: dict[str, np.ndarray]
) -> None:
    (together,) = session.run(None, inputs)
    (alone,) = session.run(None, {name: values[1:2] for name, values in inputs.items()})
    np.testing.assert_array_equal(alone[0], together[1])
    padded = inputs["input_ids"].copy()
    padded[1, SHORT:] = 4
    np.testing.assert_array_equal(session.run(None, inputs | {"input_ids": padded})[0][1, :SHORT], alone[0, :SHORT])


def test_encoders_of_another_kind_are_refused(tmp_path: Path) -> None:
    RobertaModel(RobertaConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1)).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="of the kind 'roberta'; it must be BERT's, with GELU"):
        load_encoder(tmp_path)


def test_the_parts_of_a_graph_with_an_early_head_give_what_its_model_gives(
    early_run: Path, inputs: dict[str, np.ndarray]
) -> None:
    model: torch.nn.Module = load_encoder(early_run)
    model.eval()
    with torch.no_grad():
        early, last = every_logits(model, **{name: torch.from_numpy(values) for name, values in inputs.items()})
    first, rest = (onnxruntime.InferenceSession(part.SerializeToString()) for part in parts(encoder_graph(model)))
    read = inputs["attention_mask"] > 0
    scores, between = first.run(None, inputs)
    np.testing.assert_allclose(scores[read], early.numpy()[read], atol=1e-4)
    (scores,) = rest.run(None, {"between": between, "attention_mask": inputs["attention_mask"]})
    np.testing.assert_allclose(scores[read], last.numpy()[read], atol=1e-4)


def test_a_graph_without_an_early_head_is_one_part(run: Path) -> None:
    graph = encoder_graph(load_encoder(run))
    assert parts(graph) == [graph]

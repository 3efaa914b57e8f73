"""int8 with fixed scales: close to float, the same in any company, and float again."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from training.tagger.quantise import Array, Floats, dequantise, quantise

WIDTH, OUT, ROWS = 96, 40, 1200


@pytest.fixture(scope="module")
def weights() -> dict[str, Floats]:
    rng = np.random.default_rng(1)
    return {
        "table": rng.normal(size=(ROWS, WIDTH)).astype(np.float32),
        "matrix": rng.normal(size=(WIDTH, OUT)).astype(np.float32),
        "kept": rng.normal(size=(OUT, 3)).astype(np.float32),
    }


@pytest.fixture(scope="module")
def path(weights: dict[str, Floats], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table, whose fifth channel is a hundred times larger than all others, and two matrices."""
    scale = np.ones(WIDTH, np.float32)
    scale[5] = 100.0
    tensors = [*(numpy_helper.from_array(values, name) for name, values in weights.items())]
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows"]),
        helper.make_node("Mul", ["rows", "scale"], ["scaled"]),
        helper.make_node("MatMul", ["scaled", "matrix"], ["product"]),
        helper.make_node("MatMul", ["product", "kept"], ["answer"]),
    ]
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("ids", onnx.TensorProto.INT64, [None, None])],
        [helper.make_tensor_value_info("answer", onnx.TensorProto.FLOAT, None)],
        [*tensors, numpy_helper.from_array(scale, "scale")],
    )
    file = tmp_path_factory.mktemp("onnx") / "float.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), file)
    return file


def samples() -> list[dict[str, Array]]:
    return [{"ids": np.random.default_rng(seed).integers(0, ROWS, (2, 50))} for seed in range(4)]


def run(model: onnx.ModelProto, ids: Array) -> Floats:
    import onnxruntime

    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    answer: Floats = session.run(None, {"ids": ids})[0]
    return answer


def test_int8_is_close_to_float_though_one_channel_is_huge(path: Path) -> None:
    model = quantise(path, samples(), ["kept"])
    ids = np.arange(200).reshape(1, 200)
    exact, rough = run(onnx.load(path), ids), run(model, ids)
    assert np.abs(exact - rough).mean() < 0.02 * np.abs(exact).mean()
    stored = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    assert stored["kept"] == onnx.TensorProto.FLOAT
    assert "table" not in stored and "matrix" not in stored


def test_a_row_gives_exactly_the_same_beside_others(path: Path) -> None:
    model = quantise(path, samples(), ["kept"])
    ids = np.random.default_rng(9).integers(0, ROWS, (7, 16))
    together = run(model, ids)
    for row, alone in zip(together, ids, strict=True):
        assert np.array_equal(row, run(model, alone[None])[0])


def test_weights_become_float_again(path: Path, weights: dict[str, Floats]) -> None:
    again = dequantise(quantise(path, samples(), ["kept"]).graph)
    for name, values in weights.items():
        assert again[name].shape == values.shape
        assert np.abs(again[name] - values).max() <= np.abs(values).max() / 127
    assert np.array_equal(again["matrix"][5], weights["matrix"][5])  # the row of the huge channel was kept

"""From a fine-tuned checkpoint to the folder that serving loads: ONNX, dynamic int8, tokenizer, manifest."""

import shutil
import tempfile
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer

from schemas.checkpoint.tagger_manifest import TAGGER_MANIFEST, TaggerManifest, WindowConfig
from schemas.errors import ModelError
from schemas.files import replacing
from schemas.text.lexicon import FEATURES
from schemas.text.tokenize import tokenize
from schemas.text.windows import windows
from training.tagger.tokenizer import load_tokenizer
from training.tagger.model import load_encoder, tag_logits

_WEIGHTS = "model.bin"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the float and the int8 model give a token the same best tag."""

    tokens: int
    same: int

    @property
    def rate(self) -> float:
        """Share of tokens with the same best tag; 0.0 for no tokens."""
        return self.same / self.tokens if self.tokens else 0.0


class _Logits(torch.nn.Module):
    """The classifier as a function of token ids and words: one unpadded window a run."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        return tag_logits(self.model, input_ids, words, torch.ones_like(input_ids))


def export_tagger(
    run: Path, out: Path, texts: Iterable[str], minimum: float = 0.995, blockwise: Sequence[int] = ()
) -> Agreement:
    """Write `model.onnx` (int8), its weights `model.bin`, `tokenizer.json` and `tagger.json` of `run` into `out`.

    The weights have a file of their own, which is mapped into memory, so that processes share it. `blockwise` are
    encoder layers whose second feed-forward matrix takes its input in blocks of 128 values with a scale each, not with
    one scale for the whole input: slower, but exact enough where single tokens have very large values.
    The int8 model must give at least a share `minimum` of the tokens of `texts` the same best tag as the float
    model; otherwise ModelError is raised and `out` stays as it was. Returns the agreement. Raises ModelError as well
    for a run without its files, FingerprintError for one of another contract.
    """
    window = TaggerManifest.read(run).window
    with tempfile.TemporaryDirectory() as folder:
        in_float, in_int8 = Path(folder) / "float.onnx", Path(folder) / "model.onnx"
        _to_onnx(run, in_float)
        _quantize(in_float, in_int8, blockwise)
        agreement = compare(in_float, in_int8, run, texts, window)
        if agreement.rate < minimum:
            rate = f"{agreement.rate:.4f} of the tags, below {minimum}"
            raise ModelError(f"{run}: int8 agrees with float on {rate}; try blockwise layers")
        out.mkdir(parents=True, exist_ok=True)
        for path in (in_int8.with_name(_WEIGHTS), in_int8, run / "tokenizer.json", run / TAGGER_MANIFEST):
            with replacing(out / path.name) as partial:
                shutil.copyfile(path, partial)
    return agreement


def _quantize(in_float: Path, in_int8: Path, blockwise: Sequence[int]) -> None:
    model = onnx.load(in_float)
    names = [node.name for node in model.graph.node if node.op_type == "MatMul"]
    chosen = {f"/model/bert/encoder/layer.{layer}/output/dense/MatMul" for layer in blockwise}
    if not chosen <= set(names):
        raise ModelError(f"blockwise layers {list(blockwise)}: the encoder has no such layer")
    config = DefaultWeightOnlyQuantConfig(block_size=128, is_symmetric=True, accuracy_level=4, bits=8)
    others = [name for name in names if name not in chosen]
    quantizer = MatMulNBitsQuantizer(model, algo_config=config, nodes_to_exclude=others)
    quantizer.process()
    onnx.save(quantizer.model.model, in_int8)
    quantize_dynamic(in_int8, in_int8, per_channel=True, weight_type=QuantType.QInt8)
    onnx.save_model(onnx.load(in_int8), in_int8, save_as_external_data=True, location=_WEIGHTS)


def compare(in_float: Path, in_int8: Path, run: Path, texts: Iterable[str], window: WindowConfig) -> Agreement:
    """Count on how many tokens of `texts` two ONNX models have the same best tag."""
    tokenizer = load_tokenizer(run)
    models = (in_float, in_int8)
    sessions = [onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in models]
    tokens = same = 0
    for text in texts:
        ids, _ = tokenize(tokenizer, text)
        for start, end in windows(len(ids), window.size, window.overlap):
            row = np.array([[window.bos, *ids[start:end], window.eos]], np.int64)
            first, second = (session.run(None, {"input_ids": row})[0][0, 1:-1].argmax(-1) for session in sessions)
            tokens += first.size
            same += int((first == second).sum())
    return Agreement(tokens, same)


def _to_onnx(run: Path, path: Path) -> None:
    model = load_encoder(run, attn_implementation="eager")
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of shapes that are constant on purpose
        torch.onnx.export(
            _Logits(model).eval(),
            (torch.ones(1, 16, dtype=torch.int64), torch.ones(1, 16, FEATURES)),
            str(path),
            input_names=["input_ids", "words"],
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "length"} for name in ("input_ids", "words", "logits")},
            opset_version=17,
            dynamo=False,
        )

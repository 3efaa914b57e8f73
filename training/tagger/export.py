"""From a fine-tuned checkpoint to the folder that serving loads: int8 ONNX, tokenizer, lexicon, manifest."""

import shutil
import tempfile
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import onnx
import torch

from schemas.checkpoint.tagger_manifest import TAGGER_MANIFEST, TaggerManifest
from schemas.errors import ModelError
from schemas.tagger.lexicon import FEATURES, LEXICON, Lexicon
from schemas.tagger.model_input import cut, model_inputs, read_tokens
from training.tagger.agreement import Agreement, compare
from training.tagger.llm_reader import READER
from training.tagger.model import load_encoder, tag_logits
from training.tagger.quantise import Array, quantise
from training.tagger.tokenizer import load_tokenizer

MODEL = "model."
"""How the names of the weights begin in the graph."""
MATRIX = "@"
"""How the names of matrices end there that are transposed."""
_WEIGHTS = "model.bin"
_IN_FLOAT = ("words", "classifier")
"""Small matrices at either end, which stay in float."""


class _Logits(torch.nn.Module):
    """The classifier as a function of what `schemas.tagger.model_input.model_inputs` gives."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, words: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        # added to the scores before a softmax, which makes exact zeros of it
        added = (1.0 - attention_mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        return tag_logits(self.model, input_ids, words, added)


def export_tagger(run: Path, out: Path, texts: Iterable[str], minimum: float = 0.995) -> Agreement:
    """Write `model.onnx` (int8), its weights `model.bin`, and what stands beside them in `run` to the folder `out`.

    The weights have a file of their own, which is mapped into memory, so that processes share it. Every second one of
    the `texts` gives the ranges of the activations; on the others the int8 model must give at least a share `minimum`
    of the tokens the same best tag as the float model. Returns the agreement. Raises ModelError for less of it and for
    a run without its files, FingerprintError for one of another contract.
    """
    window, texts = TaggerManifest.read(run).window, list(filter(str.strip, texts))
    if len(texts) < 2:
        raise ModelError(f"{run}: export needs at least two texts, to set the scales of int8 and to measure it")
    if (run / READER).exists():
        raise ModelError(f"{run}: a language model reads beside this tagger; export a student of it")
    tokenizer, lexicon = load_tokenizer(run), Lexicon.read(run)

    def inputs(chosen: Iterable[str]) -> Iterator[Mapping[str, Array]]:
        for text in chosen:
            tokens, _ = read_tokens(tokenizer, lexicon, text)
            yield from (model_inputs([one], [tokens], window) for one in cut([tokens], window))

    with tempfile.TemporaryDirectory() as folder:
        in_float, in_int8 = Path(folder) / "float.onnx", out / "model.onnx"
        _to_onnx(run, in_float)
        model = quantise(in_float, inputs(texts[::2]), [f"{MODEL}{name}.weight{MATRIX}" for name in _IN_FLOAT])
        onnx.save_model(model, in_int8, save_as_external_data=True, location=_WEIGHTS)
        agreement = compare(in_float, in_int8, inputs(texts[1::2]))
    if agreement.rate < minimum:
        raise ModelError(f"{run}: int8 agrees with float on {agreement.rate:.4f} of the tags, below {minimum}")
    for name in ("config.json", "tokenizer.json", LEXICON, TAGGER_MANIFEST):
        shutil.copyfile(run / name, out / name)
    return agreement


def _to_onnx(run: Path, path: Path) -> None:
    model = load_encoder(run, attn_implementation="eager")
    names = ["input_ids", "words", "attention_mask"]
    ids = torch.ones(1, 16, dtype=torch.int64)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of shapes that are constant on purpose
        torch.onnx.export(
            _Logits(model).eval(),
            (ids, torch.ones(1, 16, FEATURES), ids),
            str(path),
            input_names=names,
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "length"} for name in (*names, "logits")},
            opset_version=17,
            dynamo=False,
        )
    _name_matrices(path)


def _name_matrices(path: Path) -> None:
    """Give the transposed matrices, to which torch gives numbers, the names that they have in the model."""
    model = onnx.load(path)
    constants = {tensor.name for tensor in model.graph.initializer}
    names = {node.input[1]: _matrix_name(node) for node in model.graph.node if _reads_matrix(node, constants)}
    for tensor in model.graph.initializer:
        tensor.name = names.get(tensor.name, tensor.name)
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
    onnx.save(model, path)


def _reads_matrix(node: onnx.NodeProto, constants: Collection[str]) -> bool:
    return node.op_type == "MatMul" and node.input[1] in constants


def _matrix_name(node: onnx.NodeProto) -> str:
    """`/model/bert/pooler/MatMul` reads `model.bert.pooler.weight@`."""
    module = node.name.strip("/").removeprefix(MODEL.replace(".", "/")).removesuffix("MatMul").replace("/", ".")
    return f"{MODEL}{module}weight{MATRIX}"

"""From a fine-tuned checkpoint to the folder that serving loads: int8 ONNX, tokenizer, lexicon, manifest."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import chdir
from pathlib import Path

import onnx

from schemas.checkpoint.tagger_manifest import EXPORT, MODEL_FILE, REST_FILE, TAGGER_MANIFEST, TaggerManifest
from schemas.errors import ModelError
from schemas.tagger.lexicon import LEXICON, Lexicon
from schemas.tagger.model_input import cut, model_inputs, read_tokens
from training.tagger.agreement import Agreement, compare
from training.tagger.graph import MATRIX, MODEL, encoder_graph, parts
from training.tagger.llm_reader import READER
from training.tagger.model import EARLY, WORDS, load_encoder
from training.tagger.quantise import Array, quantise
from training.tagger.tokenizer import load_tokenizer

_IN_FLOAT = (WORDS, "classifier", EARLY)
"""Small matrices at the ends, which stay in float."""


def export_tagger(run: Path, out: Path, texts: Iterable[str], minimum: float = 0.995) -> Agreement:
    """Write `model.onnx` (int8), its weights `model.bin`, and what stands beside them in `run` to the folder `out`.

    What follows an early head is `rest.onnx` and `rest.bin`. The weights have files of their own, which are mapped into
    memory, so that processes share them. `out` holds no tagger before. Every second one of the `texts` gives the ranges
    of the activations; on the others the int8 model must give at least a share `minimum` of the tokens the same best
    tag as the float model, at each head. Returns the agreement of the head that agrees least. Raises ModelError for
    less of it and for a run without its files, FingerprintError for one of another contract.
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
        in_float, in_int8 = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(encoder_graph(load_encoder(run)), in_float)
        model = quantise(in_float, inputs(texts[::2]), [f"{MODEL}{name}.weight{MATRIX}" for name in _IN_FLOAT])
        onnx.save(model, in_int8)
        agreements = compare(in_float, in_int8, inputs(texts[1::2]))
    least = min(agreements, key=lambda agreement: agreement.rate)
    if least.rate < minimum:
        raise ModelError(f"{run}: int8 agrees with float on {least.rate:.4f} of the tags, below {minimum}")
    digest = hashlib.sha256(model.SerializeToString(deterministic=True)).hexdigest()
    for part, name in zip(parts(model), (MODEL_FILE, REST_FILE), strict=False):
        onnx.helper.set_model_props(part, {EXPORT: digest})
        weights = Path(name).with_suffix(".bin").name
        with chdir(out):  # where onnx looks whether the file of the weights is there already
            onnx.save_model(part, name, save_as_external_data=True, location=weights)
        shutil.copymode(out / name, out / weights)  # which onnx makes readable for its owner alone
    for name in ("config.json", "tokenizer.json", LEXICON, TAGGER_MANIFEST):
        shutil.copyfile(run / name, out / name)
    return least

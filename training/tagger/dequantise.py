"""From the folder that serving loads back to one that training takes as its base: int8 weights times their scales."""

import shutil
from itertools import chain
from pathlib import Path

import onnx
import torch
from transformers import AutoConfig, AutoModelForTokenClassification

from schemas.checkpoint.tagger_manifest import MODEL_FILE, REST_FILE, TAGGER_MANIFEST, TaggerManifest
from schemas.errors import ModelError
from schemas.tagger.lexicon import LEXICON
from training.tagger.graph import MATRIX, MODEL
from training.tagger.model import add_early, add_words, early_layers
from training.tagger.quantise import dequantise


def make_float(folder: Path, out: Path) -> None:
    """Write the tagger that `export_tagger` wrote to `folder` as float weights to `out`, with all that training needs.

    Raises ModelError for a folder without a tagger or with half of one, FingerprintError for one of another contract.
    """
    TaggerManifest.read(folder)
    model = AutoModelForTokenClassification.from_config(AutoConfig.from_pretrained(folder, local_files_only=True))
    add_words(model)
    graphs, layers = [folder / MODEL_FILE], early_layers(model)
    if (layers is None) == (folder / REST_FILE).exists():
        raise ModelError(f"{folder}: {REST_FILE} and config.json are not of one tagger")
    if layers is not None:
        add_early(model, layers)
        graphs.append(folder / REST_FILE)
    named = model.state_dict()
    for name, values in chain.from_iterable(dequantise(onnx.load(path).graph).items() for path in graphs):
        key = name.removeprefix(MODEL).removesuffix(MATRIX)
        if key in named:
            named[key].copy_(torch.from_numpy(values.T if name.endswith(MATRIX) else values))
    model.save_pretrained(out)
    for beside in ("tokenizer.json", TAGGER_MANIFEST, LEXICON):
        shutil.copyfile(folder / beside, out / beside)

"""One tagger whose weights are the mean of several: runs that stem from one base often differ in what they get wrong.

"Model soups", Wortsman et al., ICML 2022, https://arxiv.org/abs/2203.05482.
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from schemas.checkpoint.base import loading
from schemas.checkpoint.tagger_manifest import TAGGER_MANIFEST, TaggerManifest
from schemas.errors import ModelError
from schemas.files import replacing_folder
from schemas.tagger.lexicon import LEXICON
from training.tagger.llm_reader import READER

_WEIGHTS = "model.safetensors"


def average_taggers(runs: Sequence[Path], out: Path) -> None:
    """Write the tagger to `out` whose weights are the mean of those of `runs`, folders that `tagger train` wrote.

    All else, such as the windows, is the last run's. Raises ModelError for runs of different forms or lexicons, and for
    a missing file; FingerprintError for one of another contract.
    """
    manifests = [TaggerManifest.read(run) for run in runs]
    for run, manifest in zip(runs, manifests, strict=True):
        if (run / READER).exists():
            raise ModelError(f"{run}: a language model reads beside this tagger; it cannot be averaged")
        if manifest.lexicon != manifests[-1].lexicon:
            raise ModelError(f"{run}: its lexicon is not that of {runs[-1]}")
    with loading(f"{out}: the runs cannot be averaged"):
        every = [load_file(run / _WEIGHTS) for run in runs]
        depths = [json.loads((run / "config.json").read_text(encoding="utf-8")).get("early_layers") for run in runs]
    forms = [{name: weights.shape for name, weights in each.items()} for each in every]
    for run, form in zip(runs, forms, strict=True):
        if form != forms[-1]:
            raise ModelError(f"{run}: its layers are not those of {runs[-1]}")
    if len(set(depths)) > 1:
        raise ModelError(f"{out}: the runs cannot be averaged: their early heads answer after different layers")
    mean = {name: torch.stack([each[name].float() for each in every]).mean(0).half() for name in every[-1]}
    with replacing_folder(out) as partial:
        for name in ("config.json", "tokenizer.json", TAGGER_MANIFEST, LEXICON):
            shutil.copyfile(runs[-1] / name, partial / name)
        save_file(mean, partial / _WEIGHTS, {"format": "pt"})

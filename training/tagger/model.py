"""The tagger as a torch model: an encoder with a head for all tags, and the words of the lexicon beside its tokens."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers import AutoModelForTokenClassification, PreTrainedModel

from schemas.errors import ModelError
from schemas.spans.tags import TAGS
from schemas.text.lexicon import FEATURES

_WORDS = "words"
"""Name of the layer that reads the lexicon's features."""


def tag_logits(
    model: torch.nn.Module, input_ids: torch.Tensor, words: torch.Tensor, attention_mask: torch.Tensor
) -> torch.Tensor:
    """Scores of all tags (batch, length, tags), before any softmax.

    Takes ids and mask (batch, length), and the lexicon's features (batch, length, `FEATURES`), which a linear layer
    adds to the embeddings of the tokens.
    """
    encoder: Any = model
    embedded = encoder.get_input_embeddings()(input_ids) + encoder.words(words)
    logits: torch.Tensor = encoder(inputs_embeds=embedded, attention_mask=attention_mask).logits
    return logits


def load_encoder(folder: Path, **config: Any) -> PreTrainedModel:
    """Load the encoder in `folder` with a head for all tags, in float32; `config` overrides its configuration.

    The head's weights are those of the folder's head, tag by tag, and random where it has none; the words' weights are
    the folder's, or zeros. Raises ModelError when the folder holds no loadable encoder.
    """
    try:
        model: PreTrainedModel = AutoModelForTokenClassification.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, **config
        )
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: not a loadable encoder: {error}") from error
    known: Any = model.classifier
    labels: Any = model.config.id2label
    model.classifier = _head(known, labels)
    model.config.id2label = dict(enumerate(TAGS))
    model.config.label2id = {tag: index for index, tag in enumerate(TAGS)}
    model.add_module(_WORDS, _word_layer(folder, model.config.hidden_size))
    return model


def _word_layer(folder: Path, width: int) -> torch.nn.Linear:
    layer = torch.nn.Linear(FEATURES, width, bias=False)
    name = f"{_WORDS}.weight"
    with safe_open(folder / "model.safetensors", "pt") as weights, torch.no_grad():
        known = weights.get_tensor(name) if name in weights.keys() else torch.zeros_like(layer.weight)  # noqa: SIM118
        layer.weight.copy_(known)
    return layer


def _head(known: torch.nn.Linear, labels: Mapping[int, str]) -> torch.nn.Linear:
    """A head for all tags with the rows of `known`, whose rows `labels` name."""
    head = torch.nn.Linear(known.in_features, len(TAGS))
    rows = {label: row for row, label in labels.items()}
    common = [(TAGS.index(label), row) for label, row in rows.items() if label in TAGS]
    with torch.no_grad():
        for tag, row in common:
            head.weight[tag], head.bias[tag] = known.weight[row], known.bias[row]
    return head



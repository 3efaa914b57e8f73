"""The tagger as a torch model: an encoder with a head for all tags, and the words of the lexicon beside its tokens."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from transformers import AutoModelForTokenClassification, PreTrainedModel
from transformers.utils import logging

from schemas.errors import ModelError
from schemas.spans.tags import TAGS
from schemas.tagger.lexicon import FEATURES

WORDS = "words"
"""Name of the layer that reads the lexicon's features."""
EARLY = "early"
"""Name of the head that answers after the first layers, where there is one."""
_BUILT = ("bert", "gelu")


def tag_logits(
    model: torch.nn.Module,
    input_ids: torch.Tensor,
    words: torch.Tensor,
    attention_mask: torch.Tensor,
    read: torch.Tensor | None = None,
) -> torch.Tensor:
    """Scores of all tags (batch, length, tags) by the last layer, before any softmax; else as `every_logits`."""
    return every_logits(model, input_ids, words, attention_mask, read)[-1]


def every_logits(
    model: torch.nn.Module,
    input_ids: torch.Tensor,
    words: torch.Tensor,
    attention_mask: torch.Tensor,
    read: torch.Tensor | None = None,
) -> list[torch.Tensor]:
    """Scores of all tags (batch, length, tags), before any softmax: of the early head if there is one, and of the last.

    Takes ids and mask (batch, length), and the lexicon's features (batch, length, `FEATURES`), which a linear layer
    adds to the embeddings of the tokens; and what a language model `read` there (batch, length, hidden size), if one
    did.
    """
    encoder: Any = model
    embedded = encoder.get_input_embeddings()(input_ids) + encoder.words(words)
    if read is not None:
        embedded = embedded + read
    early = getattr(encoder, EARLY, None)
    output = encoder(inputs_embeds=embedded, attention_mask=attention_mask, output_hidden_states=early is not None)
    return (
        [output.logits] if early is None else [early(output.hidden_states[encoder.config.early_layers]), output.logits]
    )


def load_encoder(folder: Path, **config: Any) -> PreTrainedModel:
    """Load the encoder in `folder` with a head for all tags, in float32; `config` overrides its configuration.

    The head's weights are those of the folder's head, tag by tag, and random where it has none; the words' weights are
    the folder's, or zeros. Raises ModelError when the folder holds no loadable encoder, or one that is not built like
    BERT, with GELU, which is what serving runs.
    """
    logging.set_verbosity_error()  # it tells of the words' weights, which are loaded below, and of heads
    logging.disable_progress_bar()
    try:
        model: PreTrainedModel = AutoModelForTokenClassification.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, use_safetensors=True, **config
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelError(f"{folder}: not a loadable encoder: {error}") from error
    built: Any = model.config
    if (built.model_type, built.hidden_act) != _BUILT:
        raise ModelError(f"{folder}: an encoder of the kind {built.model_type!r}; it must be BERT's, with GELU")
    known: Any = model.classifier
    labels: Any = model.config.id2label
    model.classifier = _head(known, labels)
    model.config.id2label = dict(enumerate(TAGS))
    model.config.label2id = {tag: index for index, tag in enumerate(TAGS)}
    add_words(model, _own_weights(folder).get(f"{WORDS}.weight"))
    if getattr(built, "early_layers", None) is not None:
        add_early(model, built.early_layers, _own_weights(folder))
    return model


def add_words(model: PreTrainedModel, weights: torch.Tensor | None = None) -> None:
    """Add the layer that reads the lexicon's features to `model`, with `weights` (hidden size, `FEATURES`) or zeros."""
    layer = torch.nn.Linear(FEATURES, model.config.hidden_size, bias=False)
    with torch.no_grad():
        layer.weight.zero_() if weights is None else layer.weight.copy_(weights)
    model.add_module(WORDS, layer)


def add_early(model: PreTrainedModel, layers: int, weights: Mapping[str, torch.Tensor] | None = None) -> None:
    """Add a head for all tags after the first `layers` of the encoder to `model`, with `weights` or those of the last.

    Raises ModelError when the encoder has no layer after these.
    """
    last: Any = model.classifier
    if layers >= model.config.num_hidden_layers:
        raise ModelError(f"early_layers={layers}: the encoder has {model.config.num_hidden_layers} layers")
    head = torch.nn.Linear(last.in_features, last.out_features)
    known = {f"{EARLY}.{name}": value for name, value in last.state_dict().items()} | dict(weights or {})
    head.load_state_dict({name: known[f"{EARLY}.{name}"] for name in ("weight", "bias")})
    model.add_module(EARLY, head)
    model.config.early_layers = layers


def keep_layers(model: PreTrainedModel, count: int) -> None:
    """Leave `count` of the encoder's layers, evenly spread, the last among them, and no early head.

    Raises ModelError when the encoder has fewer.
    """
    encoder: Any = model.base_model.encoder
    layers = len(encoder.layer)
    if count > layers:
        raise ModelError(f"{count} layers: the encoder has {layers}")
    encoder.layer = torch.nn.ModuleList(encoder.layer[(place + 1) * layers // count - 1] for place in range(count))
    model.config.num_hidden_layers = count
    if getattr(model, EARLY, None) is not None:
        delattr(model, EARLY)
        model.config.early_layers = None


def longest_window(model: PreTrainedModel) -> int:
    """The most tokens, special ones apart, that the encoder's positions suffice for."""
    embeddings: Any = model.base_model.embeddings
    positions = embeddings.position_embeddings
    first = 0 if positions.padding_idx is None else positions.padding_idx + 1  # RoBERTa's begin after the padding
    return int(positions.num_embeddings) - first - 2


def compile_layers(model: PreTrainedModel) -> None:
    """Compile the encoder's layers at their first use, each by itself: they are alike, and one compilation serves all.

    Attention is spelt out for the compiler: torch's fused kernel takes a CPU longer backwards than all else together.
    """
    if not torch.cuda.is_available():
        model.set_attn_implementation("eager")
    encoder: Any = model.base_model.encoder
    for layer in encoder.layer:
        layer.compile(dynamic=True)


def _own_weights(folder: Path) -> dict[str, torch.Tensor]:
    """The weights of the layers that BERT does not have."""
    path = folder / "model.safetensors"
    if not path.exists():  # its weights are in several files, as none of a tagger are
        return {}
    with safe_open(path, "pt") as weights:
        own = [name for name in weights.keys() if name.startswith((f"{WORDS}.", f"{EARLY}."))]  # noqa: SIM118
        return {name: weights.get_tensor(name) for name in own}


def _head(known: torch.nn.Linear, labels: Mapping[int, str]) -> torch.nn.Linear:
    """A head for all tags with the rows of `known`, whose rows `labels` name."""
    head = torch.nn.Linear(known.in_features, len(TAGS))
    rows = {label: row for row, label in labels.items()}
    common = [(TAGS.index(label), row) for label, row in rows.items() if label in TAGS]
    with torch.no_grad():
        for tag, row in common:
            head.weight[tag], head.bias[tag] = known.weight[row], known.bias[row]
    return head

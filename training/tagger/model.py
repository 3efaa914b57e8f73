"""The tagger as a torch model: an encoder with a head for all tags, and the words of the lexicon beside its tokens."""

from collections.abc import Mapping
from copy import deepcopy
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
_STATES = "states"
"""The attribute of a layer that keeps what it gave."""


def tag_logits(
    model: torch.nn.Module,
    input_ids: torch.Tensor,
    words: torch.Tensor,
    attention_mask: torch.Tensor,
    read: torch.Tensor | None = None,
) -> torch.Tensor:
    """The last of the scores that `every_logits` gives, which are those of the last layer."""
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
    last: torch.Tensor = encoder(inputs_embeds=embedded, attention_mask=attention_mask).logits
    if early is None:
        return [last]
    return [early(vars(_last_early(encoder)).pop(_STATES)), last]


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
    own, layers = _own_weights(folder), early_layers(model)
    add_words(model, own.get(f"{WORDS}.weight"))
    if layers is not None:
        early = torch.nn.Linear(known.in_features, known.out_features)
        early.load_state_dict({name: own[f"{EARLY}.{name}"] for name in ("weight", "bias")})
        add_early(model, layers, _head(early, labels))
    return model


def early_layers(model: PreTrainedModel) -> int | None:
    """After how many layers the early head of `model` answers, if it has one."""
    layers: int | None = getattr(model.config, "early_layers", None)
    return layers


def add_words(model: PreTrainedModel, weights: torch.Tensor | None = None) -> None:
    """Add the layer that reads the lexicon's features to `model`, with `weights` (hidden size, `FEATURES`) or zeros."""
    layer = torch.nn.Linear(FEATURES, model.config.hidden_size, bias=False)
    with torch.no_grad():
        layer.weight.zero_() if weights is None else layer.weight.copy_(weights)
    model.add_module(WORDS, layer)


def add_early(model: PreTrainedModel, layers: int, head: torch.nn.Linear | None = None) -> None:
    """Add an early head to `model`, which answers after the first `layers`: `head`, or a copy of the last one.

    Raises ModelError when the encoder has no layer after these.
    """
    if layers >= model.config.num_hidden_layers:
        raise ModelError(f"early_layers={layers}: the encoder has {model.config.num_hidden_layers} layers")
    remove_early(model)
    known: Any = model.classifier
    model.add_module(EARLY, deepcopy(known) if head is None else head)
    model.config.early_layers = layers
    _last_early(model).register_forward_hook(_keep_states)


def remove_early(model: PreTrainedModel) -> None:
    """Take the early head from `model`, if it has one."""
    if getattr(model, EARLY, None) is not None:
        _last_early(model)._forward_hooks.clear()
        delattr(model, EARLY)
        model.config.early_layers = None


def freeze_all_but_early(model: PreTrainedModel) -> None:
    """Let the early head of `model` alone learn. Raises ModelError where there is none."""
    head: torch.nn.Linear | None = getattr(model, EARLY, None)
    if head is None:
        raise ModelError("only_early: there is no early head; add one with early_layers")
    weights: torch.nn.Module = model
    weights.requires_grad_(False)
    head.requires_grad_(True)


def _last_early(model: Any) -> torch.nn.Module:
    """The last of the layers that an early head reads."""
    layer: torch.nn.Module = model.base_model.encoder.layer[model.config.early_layers - 1]
    return layer


def _keep_states(layer: torch.nn.Module, _: Any, output: Any) -> None:
    """Keep what `layer` gives for the early head; transformers' own way to it cannot be compiled."""
    setattr(layer, _STATES, output[0] if isinstance(output, tuple) else output)


def keep_layers(model: PreTrainedModel, count: int) -> None:
    """Leave `count` of the encoder's layers, evenly spread, the last among them; fewer than all have no early head.

    Raises ModelError when the encoder has fewer.
    """
    encoder: Any = model.base_model.encoder
    layers = len(encoder.layer)
    if count > layers:
        raise ModelError(f"{count} layers: the encoder has {layers}")
    if count < layers:
        remove_early(model)
    encoder.layer = torch.nn.ModuleList(encoder.layer[(place + 1) * layers // count - 1] for place in range(count))
    model.config.num_hidden_layers = count


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

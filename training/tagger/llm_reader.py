"""A language model that reads in both directions beside a tagger, which knows far less of the world than it does.

Without its causal mask a decoder becomes an encoder: "Label Supervised LLaMA Finetuning" (Li et al. 2023,
https://arxiv.org/abs/2310.01208). Here it is the larger part of a teacher, from which a small tagger learns.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import AutoModel, PreTrainedModel

from schemas.checkpoint.base import Base, load_weights, loading, open_base
from schemas.spans.tags import Span
from training.tagger.model import load_encoder, tag_logits

READER = "reader"
"""Name of the folder of the language model in a run of such a tagger."""
_PROJECTION, _TOKENIZER = "projection.safetensors", "tokenizer.json"
_HIDDEN = -1e4
"""Added to the attention of what is only padding."""


class Reading(NamedTuple):
    """What the language model reads beside a window: token ids, and in which of them each token of the window ends."""

    ids: list[int]
    places: list[int]


def read_window(tokenizer: Tokenizer, text: str, spans: Sequence[Span]) -> Reading:
    """Read the part of `text` under the tokens' `spans`, for a window of these tokens."""
    start, end = spans[0][0], spans[-1][1]
    encoding = tokenizer.encode(text[start:end], add_special_tokens=False)
    covering = [0] * (end - start)
    for place, (first, last) in enumerate(encoding.offsets):
        covering[first:last] = [place] * (last - first)
    return Reading(encoding.ids, [covering[max(span_end - start - 1, 0)] for _, span_end in spans])


class ReadingTagger(torch.nn.Module):
    """A tagger to whose embeddings a linear layer adds what a language model makes of the same characters.

    The layer begins as zeros, so that training begins from what the tagger knows by itself.
    """

    def __init__(self, tagger: PreTrainedModel, reader: PreTrainedModel, tokenizer: Tokenizer) -> None:
        """Take a tagger, a language model without its last layer, and the tokenizer of that."""
        super().__init__()
        self.tagger, self.reader, self.tokenizer = tagger, reader, tokenizer
        width: int = reader.config.hidden_size
        self.norm = torch.nn.LayerNorm(width, elementwise_affine=False)
        self.projection = torch.nn.Linear(width, tagger.config.hidden_size)
        torch.nn.init.zeros_(self.projection.weight)
        torch.nn.init.zeros_(self.projection.bias)
        self.config = tagger.config

    def forward(
        self,
        input_ids: torch.Tensor,
        words: torch.Tensor,
        attention_mask: torch.Tensor,
        reader_ids: torch.Tensor,
        reader_mask: torch.Tensor,
        reader_places: torch.Tensor,
    ) -> torch.Tensor:
        """Scores of all tags (batch, length, tags).

        `reader_ids` and `reader_mask` (batch, length of the reading) are what the language model reads,
        `reader_places` (batch, length) the place in it of each token.
        """
        rows, length = reader_ids.shape
        # A finite number: some kernels give no numbers at all where a block of keys is masked by infinity.
        hidden = torch.where(reader_mask > 0, 0.0, _HIDDEN)
        both_ways = hidden[:, None, None, :].expand(rows, 1, length, length)
        reader: Any = self.reader
        states = reader(input_ids=reader_ids, attention_mask={"full_attention": both_ways}, use_cache=False)[0]
        places = reader_places[..., None].expand(-1, -1, states.shape[-1])
        read = self.projection(self.norm(states.gather(1, places)))
        return tag_logits(self.tagger, input_ids, words, attention_mask, read)

    def save(self, out: Path) -> None:
        """Write the tagger, the language model with its tokenizer and the layer between them to `out`, in 16 bits."""
        self.half()
        self.tagger.save_pretrained(out)
        self.reader.save_pretrained(out / READER)
        save_file(self.projection.state_dict(), out / READER / _PROJECTION)
        self.tokenizer.save(str(out / READER / _TOKENIZER))


def load_reader(model: str) -> tuple[PreTrainedModel, Tokenizer]:
    """The layers of the language model `model` (a folder or GGUF file) in float32, and its tokenizer.

    Raises ModelError when it cannot be loaded.
    """
    opened = open_base(Base(model, dtype="float32"))
    loaded: Any = load_weights(opened)
    return loaded.model, _of_text_alone(opened.tokenizer.backend_tokenizer)


def load_reading_tagger(folder: Path) -> ReadingTagger:
    """Load what `ReadingTagger.save` wrote. Raises ModelError when it cannot be loaded."""
    with loading(f"{folder}: no loadable tagger with a language model"):
        reader = AutoModel.from_pretrained(folder / READER, dtype=torch.float32, local_files_only=True)
        tokenizer = _of_text_alone(Tokenizer.from_file(str(folder / READER / _TOKENIZER)))
        model = ReadingTagger(load_encoder(folder), reader, tokenizer)
        model.projection.load_state_dict(load_file(folder / READER / _PROJECTION))
    return model


def _of_text_alone(tokenizer: Tokenizer) -> Tokenizer:
    """The tokenizer, to which a text's "<|im_end|>" is characters, no control token."""
    tokenizer.encode_special_tokens = True
    return tokenizer

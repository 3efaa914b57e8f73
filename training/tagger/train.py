"""Fine-tunes an encoder as a BIOES token classifier with transformers' Trainer."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainingArguments, set_seed

from schemas.checkpoint.tagger_manifest import TaggerManifest, WindowConfig
from schemas.errors import ModelError
from schemas.options import option
from schemas.spans.entity import Example
from schemas.text.lexicon import LEXICON, Lexicon
from training.checkpoints import claim, last_checkpoint
from training.tagger.features import WindowCollator, featurize
from training.tagger.lexicon import build_lexicon
from training.tagger.model import load_encoder, tag_logits
from training.tagger.tokenizer import load_tokenizer


@dataclass(frozen=True, slots=True)
class TaggerRecipe:
    """Hyperparameters of a run.

    The learning rate rises for `warmup_steps`, holds, and falls to zero over the last `decay` of the steps. Dropout
    above zero halves the speed on a CPU, where attention then leaves its fused kernel.
    """

    epochs: int = option(3, "how often the datasets are read")
    steps: int = option(-1, "steps to take; when positive, instead of those of the epochs")
    replaced: float = option(0.0, "share of the values that others replace, anew in each epoch, from 0 to 1")
    batch: int = option(32, "windows in a step")
    learning_rate: float = option(3e-4, "highest learning rate")
    warmup_steps: int = option(100, "steps over which the learning rate rises")
    decay: float = option(1.0, "last share of the steps, over which the learning rate falls to 0, from 0 to 1")
    weight_decay: float = option(0.01, "weight decay of AdamW")
    dropout: float = option(0.0, "dropout of the encoder; above 0 it halves the speed on a CPU")
    window: int = option(254, "tokens in a window, special tokens apart")
    overlap: int = option(64, "tokens that neighbouring windows share")
    save_steps: int = option(200, "steps between checkpoints, each of which is validated")
    seed: int = option(7, "seed of the order, of new weights and of replaced values")


class MaskedTrainer(Trainer):
    """Cross-entropy over the tags that each row's source can teach; all other tags are left out of its softmax."""

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, torch.Tensor | Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> torch.Tensor | tuple[torch.Tensor, Any]:
        """Mean loss over the batch's labelled tokens (and the logits when asked for)."""
        allowed = inputs.pop("allowed")
        labels = inputs.pop("labels")
        logits = tag_logits(model, **inputs).float().masked_fill(~allowed[:, None, :], float("-inf"))
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        return (loss, {"logits": logits}) if return_outputs else loss


Epoch = Callable[[int], Iterable[Example]]
"""The examples of an epoch by its number, the first of which is 0."""


def train_tagger(base: Path, train: Epoch, validation: Iterable[Example], out: Path, recipe: TaggerRecipe) -> None:
    """Fine-tune the encoder in `base` on all epochs of `train`, write checkpoints and the finished model to `out`.

    A base that is a tagger keeps its head and its lexicon: tags that it does not have yet begin as random weights. A run that was
    interrupted goes on from its last checkpoint. The folder holds safetensors weights, the tokenizer, the lexicon and a manifest
    with recipe and contract fingerprint. Raises ModelError for an unusable base, or when `out` holds a run with another
    base, recipe or dataset.
    """
    set_seed(recipe.seed)  # the new head's first weights are random
    tokenizer = load_tokenizer(base)
    window = WindowConfig(recipe.window, recipe.overlap, *_special_ids(tokenizer, base))
    model = load_encoder(base, hidden_dropout_prob=recipe.dropout, attention_probs_dropout_prob=recipe.dropout)
    epochs = (train(number) for number in range(recipe.epochs))
    lexicon = Lexicon.read(base) if (base / LEXICON).exists() else build_lexicon()
    data = (chain.from_iterable(epochs), validation)
    features = [list(featurize(examples, tokenizer, lexicon, window)) for examples in data]
    claim(out, {"base": base.name, "recipe": asdict(recipe), "windows": [len(rows) for rows in features]})
    trainer = MaskedTrainer(
        model=model,
        args=_arguments(out, recipe, recipe.steps if recipe.steps > 0 else -(-len(features[0]) // recipe.batch)),
        train_dataset=features[0],
        eval_dataset=features[1],
        data_collator=WindowCollator(window.pad),
    )
    trainer.train(resume_from_checkpoint=last_checkpoint(out))
    model.save_pretrained(out)
    tokenizer.save(str(out / "tokenizer.json"))
    lexicon.write(out)
    TaggerManifest(window, lexicon.digest, asdict(recipe)).write(out)


def _special_ids(tokenizer: Any, base: Path) -> tuple[int, int, int]:
    ids = [tokenizer.token_to_id(token) for token in ("<s>", "</s>", "<pad>")]
    if None in ids:
        raise ModelError(f"{base}: the tokenizer lacks <s>, </s> or <pad>; an XLM-R style vocabulary is needed")
    return ids[0], ids[1], ids[2]


def _arguments(out: Path, recipe: TaggerRecipe, steps: int) -> TrainingArguments:
    decay = min(round(steps * recipe.decay), steps - recipe.warmup_steps)
    return TrainingArguments(
        output_dir=str(out),
        max_steps=steps,
        per_device_train_batch_size=recipe.batch,
        per_device_eval_batch_size=recipe.batch,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="warmup_stable_decay",
        lr_scheduler_kwargs={"num_decay_steps": max(decay, 0), "decay_type": "linear"},
        warmup_steps=recipe.warmup_steps,
        weight_decay=recipe.weight_decay,
        train_sampling_strategy="group_by_length",
        bf16=_has_bf16(),
        use_cpu=not torch.cuda.is_available(),
        logging_steps=20,
        eval_strategy="steps",
        eval_steps=recipe.save_steps,
        save_steps=recipe.save_steps,
        save_total_limit=2,
        remove_unused_columns=False,
        report_to=[],
        seed=recipe.seed,
    )


def _has_bf16() -> bool:
    """Whether the GPU, or a CPU where there is none, computes bfloat16 itself; elsewhere it is slower than float32."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))

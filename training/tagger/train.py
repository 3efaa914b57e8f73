"""Fine-tunes an encoder as a BIOES token classifier with transformers' Trainer."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForTokenClassification, PreTrainedModel, Trainer, TrainingArguments, set_seed

from schemas.checkpoint.tagger_manifest import TaggerManifest, WindowConfig
from schemas.errors import ModelError
from schemas.spans.entity import Example
from schemas.spans.tags import TAGS
from training.checkpoints import claim, last_checkpoint
from training.tagger.features import WindowCollator, featurize
from training.tagger.tokenizer import load_tokenizer


@dataclass(frozen=True, slots=True)
class TaggerRecipe:
    """Hyperparameters of a run.

    `window` and `overlap` count tokens (special tokens apart); `batch` counts windows; `schedule` is a
    learning-rate schedule name of transformers; `steps` (when positive) overrides `epochs`. `dropout` is the encoder's;
    above zero it halves the speed on a CPU, where attention then leaves its fused kernel.
    """

    epochs: float = 3.0
    steps: int = -1
    batch: int = 32
    learning_rate: float = 3e-4
    schedule: str = "linear"
    warmup_steps: int = 100
    weight_decay: float = 0.01
    dropout: float = 0.0
    window: int = 254
    overlap: int = 64
    save_steps: int = 200
    seed: int = 7


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
        outputs = model(**inputs)
        logits = outputs.logits.float().masked_fill(~allowed[:, None, :], float("-inf"))
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        return (loss, {"logits": logits}) if return_outputs else loss


def train_tagger(
    base: Path, train: Iterable[Example], validation: Iterable[Example], out: Path, recipe: TaggerRecipe
) -> None:
    """Fine-tune the encoder in `base`, write checkpoints and the finished model to `out`.

    A run that was interrupted goes on from its last checkpoint. The folder holds safetensors weights, the
    tokenizer and a manifest with recipe and contract fingerprint. Raises ModelError for an unusable base, or when
    `out` holds a run with another base, recipe or dataset.
    """
    set_seed(recipe.seed)  # the new head's first weights are random
    tokenizer = load_tokenizer(base)
    window = WindowConfig(recipe.window, recipe.overlap, *_special_ids(tokenizer, base))
    model = load_encoder(base, hidden_dropout_prob=recipe.dropout, attention_probs_dropout_prob=recipe.dropout)
    features = [list(featurize(examples, tokenizer, window)) for examples in (train, validation)]
    claim(out, {"base": base.name, "recipe": asdict(recipe), "windows": [len(rows) for rows in features]})
    trainer = MaskedTrainer(
        model=model,
        args=_arguments(out, recipe),
        train_dataset=features[0],
        eval_dataset=features[1],
        data_collator=WindowCollator(window.pad),
    )
    trainer.train(resume_from_checkpoint=last_checkpoint(out))
    model.save_pretrained(out)
    tokenizer.save(str(out / "tokenizer.json"))
    TaggerManifest(window, asdict(recipe)).write(out)


def _special_ids(tokenizer: Any, base: Path) -> tuple[int, int, int]:
    ids = [tokenizer.token_to_id(token) for token in ("<s>", "</s>", "<pad>")]
    if None in ids:
        raise ModelError(f"{base}: the tokenizer lacks <s>, </s> or <pad>; an XLM-R style vocabulary is needed")
    return ids[0], ids[1], ids[2]


def load_encoder(folder: Path, **config: Any) -> PreTrainedModel:
    """Load the encoder in `folder` with a head for all tags, in float32; `config` overrides its configuration.

    Raises ModelError when the folder holds no loadable encoder.
    """
    try:
        model: PreTrainedModel = AutoModelForTokenClassification.from_pretrained(
            folder, num_labels=len(TAGS), dtype=torch.float32, local_files_only=True, **config
        )
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: not a loadable encoder: {error}") from error
    model.config.id2label = dict(enumerate(TAGS))
    model.config.label2id = {tag: index for index, tag in enumerate(TAGS)}
    return model


def _arguments(out: Path, recipe: TaggerRecipe) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(out),
        num_train_epochs=recipe.epochs,
        max_steps=recipe.steps,
        per_device_train_batch_size=recipe.batch,
        per_device_eval_batch_size=recipe.batch,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type=recipe.schedule,
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

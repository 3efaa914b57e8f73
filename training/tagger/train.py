"""Fine-tunes an encoder as a BIOES token classifier: from examples and a base to the folder of a run."""

import hashlib
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch.utils.data import DataLoader, Dataset
from transformers import PreTrainedModel, TrainingArguments, set_seed

from schemas.checkpoint.tagger_manifest import TAGGER_MANIFEST, TaggerManifest, WindowConfig
from schemas.errors import DataError, ModelError
from schemas.spans.entity import Document, Example
from schemas.tagger.lexicon import LEXICON, Lexicon
from training.checkpoints import RUN, claim, last_checkpoint, weights_digest
from training.tagger.features import Vocabulary, WindowCollator, featurize
from training.tagger.lexicon import build_lexicon
from training.tagger.llm_reader import READER, ReadingTagger, load_reader, load_reading_tagger
from training.tagger.model import (
    add_early,
    compile_layers,
    early_layers,
    freeze_all_but_early,
    keep_layers,
    load_encoder,
    longest_window,
    remove_early,
)
from training.tagger.recipe import TaggerRecipe
from training.tagger.tokenizer import load_tokenizer
from training.tagger.trainer import MaskedTrainer

Part = Callable[[], Iterable[Example]]
"""Some of the examples, which are made when they are asked for."""


@dataclass(frozen=True, slots=True)
class TaggerData:
    """The examples of all epochs in parts, those that measure the tagger, and texts that only its teacher marks."""

    train: Sequence[Part]
    validation: Iterable[Example]
    unlabelled: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """What a tagger begins with.

    `base` is the folder of an encoder or tagger, `teacher` that of a tagger of the same tags that it learns from as
    well, `reader` a language model (a folder or GGUF file) that reads beside it and is trained with it.
    """

    base: Path
    teacher: Path | None = None
    reader: str | None = None


def train_tagger(start: Start, data: TaggerData, out: Path, recipe: TaggerRecipe) -> bool:
    """Fine-tune the encoder of `start` on all `data`, write checkpoints and the finished model to `out`.

    A base that is a tagger keeps its head and its lexicon: tags that it does not have yet begin as random weights.
    Texts without labels are read in every epoch, and the teacher marks them and all others. A run that was interrupted
    goes on from its last checkpoint. The folder holds 16-bit safetensors weights, the tokenizer, the lexicon and a
    manifest with recipe and contract fingerprint. A tagger with a reader is a teacher only: it is too large to ship.
    A run that is finished stays as it is: the answer is whether anything was trained. Raises ModelError for an unusable
    base, teacher or reader, or when `out` holds another run; DataError where there is no text to train or validate on.
    """
    set_seed(recipe.seed)  # the new head's first weights are random
    tokenizer = load_tokenizer(start.base)
    window = WindowConfig(recipe.window, recipe.overlap, *_special_ids(tokenizer, start.base))
    model, teacher, vocabulary = _load(start, recipe, tokenizer)
    unlabelled = [Example(Document("unlabelled", text), (), "unlabelled", annotated=()) for text in data.unlabelled]
    parts = [*data.train, *[lambda: unlabelled] * recipe.epochs]
    train = list(chain.from_iterable(_windows(parts, vocabulary, window)))
    validation = list(featurize(data.validation, vocabulary, window))
    if not train or not validation:
        raise DataError(f"the {'validation' if train else 'training'} data hold no text")
    if (out / TAGGER_MANIFEST).exists() and not (out / RUN).exists():
        raise ModelError(f"{out}: holds a tagger that no run of here wrote; choose another folder")
    claim(out, {**_names(start), "recipe": recipe.model_dump(), **_digests(train, validation)})
    if (out / TAGGER_MANIFEST).exists():
        return False
    trainer = MaskedTrainer(
        model=model,
        args=_arguments(out, recipe, recipe.steps or -(-len(train) // recipe.batch)),
        train_dataset=train,
        eval_dataset=validation,
        data_collator=WindowCollator(window.pad),
    )
    trainer.reader_rate = recipe.reader_learning_rate
    if teacher is not None:
        trainer.teach(teacher, recipe.soft)
    trainer.train(resume_from_checkpoint=last_checkpoint(out))
    if isinstance(model, ReadingTagger):
        model.save(out)
    else:
        _save(model, out)
    tokenizer.save(str(out / "tokenizer.json"))
    vocabulary.lexicon.write(out)
    TaggerManifest(window, vocabulary.lexicon.digest, recipe.model_dump()).write(out)
    return True


def _names(start: Start) -> dict[str, Any]:
    """What tells this start from others."""
    return {
        "base": [start.base.name, weights_digest(start.base)],
        "teacher": start.teacher and [start.teacher.name, weights_digest(start.teacher)],
        "reader": start.reader,
    }


def _digests(*data: Sequence[Mapping[str, Sequence[int]]]) -> dict[str, Any]:
    """How many windows training and validation data have, and what tells them, with their labels, from others."""
    digest = hashlib.sha256()
    for window in chain.from_iterable(data):
        digest.update(array("q", [*window["input_ids"], *window["labels"], *sorted(window["allowed"])]).tobytes())
    return {"windows": [len(windows) for windows in data], "sha256": digest.hexdigest()[:16]}


def _load(
    start: Start, recipe: TaggerRecipe, tokenizer: Tokenizer
) -> tuple[PreTrainedModel | ReadingTagger, torch.nn.Module | None, Vocabulary]:
    """The model to train, its teacher, and what both cut texts into."""
    if (start.base / READER).exists():
        raise ModelError(f"{start.base}: a language model reads beside this tagger; it can be a teacher, no base")
    dropout = {"hidden_dropout_prob": recipe.dropout, "attention_probs_dropout_prob": recipe.dropout}
    tagger = load_encoder(start.base, **dropout)
    if recipe.window > longest_window(tagger):
        raise ModelError(
            f"{start.base}: reads at most {longest_window(tagger)} tokens at once, not window={recipe.window}"
        )
    if recipe.layers is not None:
        keep_layers(tagger, recipe.layers)
    if start.reader is not None:
        if recipe.early_layers is not None:
            raise ModelError("early_layers: a tagger with a reader is a teacher only, and has no early head")
        remove_early(tagger)
    if recipe.early_layers is not None and recipe.early_layers != early_layers(tagger):
        add_early(tagger, recipe.early_layers)
    if recipe.only_early:
        freeze_all_but_early(tagger)
    if recipe.compile:
        compile_layers(tagger)
    model: PreTrainedModel | ReadingTagger = tagger
    if start.reader is not None:
        model = ReadingTagger(tagger, *load_reader(start.reader))
    lexicon = Lexicon.read(start.base) if (start.base / LEXICON).exists() else build_lexicon()
    teacher: ReadingTagger | PreTrainedModel | None = None
    if start.teacher is not None:
        reads = (start.teacher / READER).exists()
        teacher = load_reading_tagger(start.teacher) if reads else load_encoder(start.teacher)
        _check_teacher(start.teacher, start.base, tokenizer, lexicon)
    reader = next((each.tokenizer for each in (model, teacher) if isinstance(each, ReadingTagger)), None)
    return model, teacher, Vocabulary(tokenizer, lexicon, reader)


def _check_teacher(teacher: Path, base: Path, tokenizer: Tokenizer, lexicon: Lexicon) -> None:
    """Raise ModelError for a teacher that reads other tokens or words than the base, whose answers would be noise."""
    same_tokens = load_tokenizer(teacher).to_str() == tokenizer.to_str()
    if not same_tokens or TaggerManifest.read(teacher).lexicon != lexicon.digest:
        raise ModelError(f"{teacher}: its {'lexicon' if same_tokens else 'tokenizer'} is not that of {base}")


class _Windows(Dataset[list[dict[str, list[int]]]]):
    """The features of each part."""

    def __init__(self, parts: Sequence[Part], vocabulary: Vocabulary, window: WindowConfig) -> None:
        self._parts, self._vocabulary, self._window = parts, vocabulary, window

    def __len__(self) -> int:
        return len(self._parts)

    def __getitem__(self, number: int) -> list[dict[str, list[int]]]:
        return list(featurize(self._parts[number](), self._vocabulary, self._window))


def _windows(
    parts: Sequence[Part], vocabulary: Vocabulary, window: WindowConfig
) -> Iterator[list[dict[str, list[int]]]]:
    """Yield the features of each part, in order; several processes make them."""
    dataset = _Windows(parts, vocabulary, window)
    yield from DataLoader(dataset, batch_size=None, collate_fn=list, num_workers=_workers())


def _workers() -> int:
    """Processes that prepare data beside the one that trains; none where a CPU of few cores trains."""
    return max(len(os.sched_getaffinity(0)) - 2, 0)


def _save(model: PreTrainedModel, out: Path) -> None:
    weights: torch.nn.Module = model
    weights.half()
    model.save_pretrained(out)


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
        save_strategy="steps" if recipe.save_steps < steps else "no",
        save_steps=recipe.save_steps,
        save_total_limit=2,
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_num_workers=min(_workers(), 8),
        report_to=[],
        seed=recipe.seed,
    )


def _has_bf16() -> bool:
    """Whether the GPU, or a CPU where there is none, computes bfloat16 itself; elsewhere it is slower than float32."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))

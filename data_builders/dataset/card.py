"""The dataset card: README.md with the metadata that the `datasets` library and the hub read."""

import json
from collections.abc import Iterable, Sequence

import yaml

from data_builders.dataset.built import Built
from data_builders.dataset.clean import SYNTHETIC
from data_builders.dataset.statistics import entity_counts, slice_counts, type_counts
from data_builders.sources.ai4privacy.licence import find_repository
from data_builders.synth.sampling import Split
from schemas.llm.alpaca import to_row
from schemas.taxonomy import EntityType

_LICENCES = {
    "msra": "MSRA NER (Levow 2006): licence unknown, research use; do not pass it on",
    "ai4privacy": "ai4privacy `{repository}`: {licence}",
    "synthetic": "synthesised by pii-sft (Apache-2.0); values are invented, names and numbers may exist by chance",
}
_LIMITS = """\
- MSRA rows annotate persons, places and organisations only, ai4privacy rows the types of their version (`types`);
  what a row does not annotate may stand in its text unmarked.
- Synthetic texts come from templates: they are cleaner and more regular than what people write, and over-represent rare
  types on purpose. Figures on the synthetic test rows say little about other kinds of text.
- Birth dates, nicknames such as 小王, single surnames and the names in MSRA are not kept apart between the splits.
- Near-duplicates are counted among the candidates that MinHash gives; one pair in a thousand may stay unseen.
"""
_SCHEMA = """\
One JSON object a line in `train.jsonl`, `validation.jsonl` and `test.jsonl`; the same rows in `parquet/`. Offsets count
Unicode code points, half-open: `text[start:end] == value`. `instruction`, `input` and `output` are the Alpaca form;
`dataset_info.json` registers it with LLaMA-Factory.
"""


def card(built: Built) -> str:
    """The text of README.md for `built`."""
    rows = [example for split in Split for example in built.rows[split]]
    return "\n".join(
        [
            _metadata(),
            "# PII extraction, Chinese and English\n",
            "Texts with span-annotated personal data as instruction pairs, built by `pii-sft data build`.\n",
            _table("Rows", ["source", *Split, "asked for"], _source_rows(built)),
            _table("Languages", ["language", "rows"], slice_counts(rows, "language").most_common()),
            _table("Entities a row", ["entities", "rows"], sorted(entity_counts(rows).items())),
            _types(built),
            _table("Kinds of text", ["source: family", "rows"], slice_counts(rows, "family").most_common()),
            f"## Schema\n\n{_SCHEMA}",
            _sample(built),
            _table("Refused rows (quarantine.jsonl)", ["source", "reason", "rows"], _refused(built)),
            *(
                [f"{len(built.general):,} pairs of dialogue turns without entities are in `general.jsonl`.\n"]
                * bool(built.general)
            ),
            "## Licences\n\n" + "".join(f"- {_licence(built, name)}\n" for name in built.recipe.counts()),
            "## Known limits\n\n" + _LIMITS + "".join(f"- Short: {sentence}.\n" for sentence in built.shortfalls),
        ]
    )


def _metadata() -> str:
    files = [{"split": str(split), "path": f"parquet/{split}.parquet"} for split in Split]
    fields = {
        "language": ["zh", "en"],
        "license": "other",
        "task_categories": ["token-classification", "text-generation"],
        "tags": ["pii", "ner"],
        "configs": [{"config_name": "default", "data_files": files}],
    }
    return f"---\n{yaml.safe_dump(fields, sort_keys=False)}---\n"


def _table(title: str, head: list[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return f"## {title}\n\n" + "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def _source_rows(built: Built) -> list[tuple[object, ...]]:
    asked = built.recipe.counts()
    lines: list[tuple[object, ...]] = [
        (name, *(built.taken[name, split][0] for split in Split), count) for name, count in asked.items()
    ]
    return [*lines, ("all", *(len(built.rows[split]) for split in Split), sum(asked.values()))]


def _types(built: Built) -> str:
    counts = {split: type_counts(built.rows[split]) for split in Split}
    lines = [(kind, kind.info.zh, *(counts[split][kind] for split in Split)) for kind in EntityType]
    return _table("Entity types", ["type", "名称", *Split], lines)


def _sample(built: Built) -> str:
    """The shortest synthetic train row with an entity; rows of corpora stay out of the card."""
    synthetic = [example for example in built.rows[Split.TRAIN] if example.entities and example.source == SYNTHETIC]
    if not synthetic:
        return ""
    example = min(synthetic, key=lambda example: len(example.document.text))
    return f"```json\n{json.dumps(to_row(example), ensure_ascii=False, indent=1)}\n```\n"


def _refused(built: Built) -> list[tuple[object, ...]]:
    return [(source, reason, count) for (source, reason), count in sorted(built.refusals.items())]


def _licence(built: Built, name: str) -> str:
    repository = find_repository(built.recipe.sources.ai4privacy.repository)
    return _LICENCES[name].format(repository=repository.name, licence=repository.licence)

"""The taxonomy as rows for `GET /types` and `pii-sft types`."""

from typing import Any

from schemas.taxonomy import TAXONOMY


def taxonomy_rows() -> list[dict[str, Any]]:
    """One JSON-ready object per type, in the taxonomy's order."""
    return [
        {
            "name": str(row.type),
            "zh": row.zh,
            "description": row.description,
            "example": row.example,
            "sensitivity": str(row.sensitivity),
            "default": row.default,
        }
        for row in TAXONOMY
    ]

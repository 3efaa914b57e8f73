"""The taxonomy as rows for `GET /types` and `pii-sft types`."""

from typing import Any

from schemas.taxonomy import EntityType


def taxonomy_rows() -> list[dict[str, Any]]:
    """One JSON-ready object per type, in the taxonomy's order."""
    return [
        {
            "name": str(kind),
            "zh": kind.info.zh,
            "description": kind.info.description,
            "example": kind.info.example,
            "sensitivity": str(kind.info.sensitivity),
            "default": kind.info.default,
        }
        for kind in EntityType
    ]

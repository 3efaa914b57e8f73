"""The folder of a run: which run it holds, and its checkpoints, which transformers' Trainer wrote."""

import json
from pathlib import Path
from typing import Any

from schemas.errors import ModelError
from schemas.files import write_whole

RUN = "run.json"
"""Says which run a folder holds."""


def claim(out: Path, description: dict[str, Any]) -> None:
    """Note in `out` which run it holds. Raises ModelError when it holds another one."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / RUN
    text = json.dumps(description, indent=2, ensure_ascii=False) + "\n"
    if not path.exists():
        write_whole(path, text)  # several processes of one run may come here at once
    if path.read_text(encoding="utf-8") != text:
        raise ModelError(f"{out}: holds a run with another base, recipe or dataset ({RUN}); choose another folder")


def last_checkpoint(folder: Path) -> str | None:
    """The newest checkpoint in `folder` that was written to its end, or None.

    The trainer's state is the last file of a checkpoint, and older checkpoints go only after it, so that a killed run
    always leaves a whole one.
    """
    whole = [path.parent for path in folder.glob("checkpoint-*/trainer_state.json") if _is_json(path)]
    return str(max(whole, key=lambda path: int(path.name.removeprefix("checkpoint-")), default="")) or None


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True

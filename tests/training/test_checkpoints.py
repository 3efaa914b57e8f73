from pathlib import Path

import pytest

from schemas.errors import ModelError
from training.checkpoints import claim, last_checkpoint


def test_a_cut_off_checkpoint_is_passed_over(tmp_path: Path) -> None:
    for step, text in ((3, "{}"), (6, '{"global_st')):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "trainer_state.json").write_text(text, encoding="utf-8")
    (tmp_path / "checkpoint-9").mkdir()
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-3")


def test_a_folder_holds_one_run(tmp_path: Path) -> None:
    claim(tmp_path / "run", {"base": "a"})
    claim(tmp_path / "run", {"base": "a"})
    with pytest.raises(ModelError, match="another base, recipe or dataset"):
        claim(tmp_path / "run", {"base": "b"})
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["run.json"]

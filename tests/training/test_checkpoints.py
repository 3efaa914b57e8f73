from pathlib import Path

import pytest

from schemas.errors import ModelError
from training.checkpoints import claim, holds, last_checkpoint, weights_digest


def test_a_cut_off_checkpoint_is_passed_over(tmp_path: Path) -> None:
    for step, text in ((3, "{}"), (6, '{"global_st')):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "trainer_state.json").write_text(text, encoding="utf-8")
    (tmp_path / "checkpoint-9").mkdir()
    (tmp_path / "checkpoint-12").mkdir()
    (tmp_path / "checkpoint-12" / "trainer_state.json").write_text("{}", encoding="utf-8")
    (tmp_path / "checkpoint-12" / "model.safetensors").write_bytes(b"\x10")
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-3")


def test_a_folder_holds_one_run_and_names_what_differs(tmp_path: Path) -> None:
    out = tmp_path / "run"
    run = {"base": "a", "recipe": {"steps": 3, "adapter": {"r": 8}}}
    assert not holds(out, run)
    claim(out, run)
    claim(out, run)
    assert holds(out, run)
    assert [path.name for path in out.iterdir()] == ["run.json"]
    with pytest.raises(ModelError, match=r"holds another run, whose recipe\.adapter\.r is 8, not 16"):
        claim(out, {**run, "recipe": {"steps": 3, "adapter": {"r": 16}}})
    with pytest.raises(ModelError, match=r"whose recipe\.steps is 3, not null"):
        holds(out, {**run, "recipe": {"adapter": {"r": 8}}})
    (out / "run.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ModelError, match="not a readable description"):
        holds(out, run)


def test_a_digest_tells_weights_from_others_and_not_where_they_lie(tmp_path: Path) -> None:
    digests = []
    for folder, content in (("a", b"1"), ("b", b"1"), ("c", b"2")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "model.safetensors").write_bytes(content * (40 << 20))
        (tmp_path / folder / "README.md").write_text(folder)
        digests.append(weights_digest(tmp_path / folder))
    assert digests[0] == digests[1] != digests[2]

from pathlib import Path

import torch

from schemas.checkpoint.tiny import write_tiny_base


def test_the_tiny_base_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        torch.manual_seed(len(list(tmp_path.iterdir())))
        write_tiny_base(tmp_path / name)
    for file in ("model.safetensors", "tokenizer.json", "config.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()

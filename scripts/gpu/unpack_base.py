"""Writes a base that is a GGUF file as a folder in bfloat16, which every step then opens in seconds.

python scripts/gpu/unpack_base.py FILE.gguf FOLDER
"""

import sys
from pathlib import Path

from schemas.checkpoint.base import Base, load_weights, open_base
from schemas.files import replacing_folder


def main() -> None:
    """Convert; the folder appears whole or not at all, and one that is there stays."""
    _, file, folder = sys.argv
    if Path(folder).exists():
        return
    opened = open_base(Base(file, dtype="bfloat16"))
    model = load_weights(opened)
    model.config.__dict__.pop("quantization_config", None)  # what the file was, not what is written
    with replacing_folder(Path(folder)) as partial:
        model.save_pretrained(partial)
        opened.tokenizer.save_pretrained(partial)


if __name__ == "__main__":
    main()

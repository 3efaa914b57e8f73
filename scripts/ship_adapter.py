"""Makes an adapter that `pii-sft train` wrote ready to come with the package.

    python scripts/ship_adapter.py RUN embedded-0.5b --base Qwen/Qwen2.5-Coder-0.5B-Instruct --revision COMMIT

Its weights are rounded to float16, the tokenizer and the plot are left out, and the base gets the name and the
commit under which others find it.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from schemas.checkpoint.adapter import ADAPTER_MANIFEST, AdapterManifest
from schemas.errors import ModelError
from serving.engines import llm

ADAPTERS = Path(llm.__file__).parent / "adapters"
_WEIGHTS, _PEFT_CONFIG = "adapter_model.safetensors", "adapter_config.json"
_LIMIT = 16 << 20
"""Most bytes of a file."""


def ship(run: Path, name: str, base: str, revision: str) -> Path:
    """Write the adapter in `run` under `name`. Raises ModelError for one that is no adapter, or too big."""
    manifest = AdapterManifest.read(run)
    if not manifest.adapter:
        raise ModelError(f"{run}: a whole model, not an adapter")
    trained = manifest.base.model
    with tempfile.TemporaryDirectory(dir=ADAPTERS) as folder:
        partial = Path(folder) / name
        partial.mkdir()
        save_file(
            {key: weight.to(torch.float16) for key, weight in load_file(run / _WEIGHTS).items()}, partial / _WEIGHTS
        )
        size = (partial / _WEIGHTS).stat().st_size
        if size > _LIMIT:
            raise ModelError(f"{run}: {size:,} bytes in float16, {_LIMIT:,} at most")
        for file in (ADAPTER_MANIFEST, _PEFT_CONFIG, "recipe.yaml", "README.md"):
            text = (run / file).read_text(encoding="utf-8").replace(json.dumps(trained)[1:-1], base)
            text = text.replace('"revision": null', f'"revision": "{revision}"')
            text = text.replace("  revision: null\n", f"  revision: {revision}\n")
            (partial / file).write_text(text.replace("\n![curves](curves.png)\n", ""), encoding="utf-8")
        shutil.rmtree(ADAPTERS / name, ignore_errors=True)
        return partial.rename(ADAPTERS / name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder that `pii-sft train` wrote")
    parser.add_argument("name", metavar="NAME", help="what `--adapter` will call it")
    parser.add_argument("--base", required=True, metavar="MODEL", help="hub id of the base")
    parser.add_argument("--revision", required=True, metavar="COMMIT", help="the base's commit on the hub")
    arguments = parser.parse_args()
    print(ship(arguments.run, arguments.name, arguments.base, arguments.revision))

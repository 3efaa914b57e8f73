"""`pii-sft export`: merges an adapter into its base, and writes GGUF."""

import argparse
from pathlib import Path

from pii_sft.cli.shared.parser import Commands


def add_parser(commands: Commands) -> None:
    """Add the command `export`."""
    parser = commands.add_parser("export", help="merge an adapter into its base; write GGUF for llama.cpp and Ollama")
    parser.add_argument("adapter", type=Path, metavar="ADAPTER", help="folder that `train` wrote, or embedded-0.5b")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write, which must not exist")
    parser.add_argument("--base", metavar="MODEL", help="folder of the base (default: the base of the adapter)")
    help_gguf = "also write OUT/model-TYPE.gguf and a Modelfile"
    parser.add_argument("--gguf", choices=("f32", "f16", "bf16", "q8_0"), help=help_gguf)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    from serving.engines.llm.adapters import find_adapter
    from training.llm.merge_adapter import merge_adapter

    merged = merge_adapter(find_adapter(arguments.adapter), arguments.out, arguments.base)
    print(f"{merged}: merged; in float32 its greedy answers are the same")
    if arguments.gguf:
        from training.llm.gguf_file import write_gguf

        print(f"{write_gguf(arguments.out, arguments.gguf)}: written, with a Modelfile beside it")

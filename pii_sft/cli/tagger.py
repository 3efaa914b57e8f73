"""`pii-sft tagger`: trains, exports and trims the embedded engine."""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import fields
from itertools import chain
from pathlib import Path

from pii_sft.cli.shared.parser import Commands, Parser
from schemas.spans.entity import Example
from schemas.spans.record import read_records


def add_parser(commands: Commands) -> None:
    """Add the commands `tagger train`, `tagger export` and `tagger trim`."""
    group = commands.add_parser("tagger", help="train and export the embedded engine")
    steps = group.add_subparsers(metavar="STEP", required=True)
    _add_train(steps)
    export = steps.add_parser("export", help="write a trained tagger as int8 ONNX")
    export.add_argument("run_folder", type=Path, metavar="RUN", help="folder that `tagger train` wrote")
    export.add_argument("out", type=Path, metavar="OUT", help="folder to write")
    help_texts = "dataset (JSONL); on its texts the int8 model must agree with the float model"
    export.add_argument("--texts", type=Path, required=True, metavar="FILE", help=help_texts)
    help_blockwise = "encoder layers whose input to the second feed-forward matrix is scaled in blocks"
    export.add_argument("--blockwise", type=int, nargs="*", default=(), metavar="LAYER", help=help_blockwise)
    export.set_defaults(run=_export)
    trim = steps.add_parser("trim", help="cut an encoder's vocabulary down to Chinese and English")
    trim.add_argument("base", type=Path, metavar="BASE", help="folder of a multilingual encoder")
    trim.add_argument("out", type=Path, metavar="OUT", help="folder to write")
    trim.set_defaults(run=_trim)


def _add_train(steps: Commands) -> None:
    train = steps.add_parser("train", help="fine-tune an encoder")
    train.add_argument("--base", type=Path, required=True, metavar="DIR", help="folder of the encoder")
    for name in ("--train", "--validation"):
        train.add_argument(name, type=Path, required=True, nargs="+", metavar="FILE", help="datasets (JSONL)")
    train.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for checkpoints and result")
    train.complete = _add_recipe
    train.set_defaults(run=_train)


def _add_recipe(parser: Parser) -> None:
    """Add an option per field of the recipe, which stands beside the trainer and so needs torch."""
    from training.tagger.train import TaggerRecipe

    for field in fields(TaggerRecipe):
        option, kind = f"--{field.name.replace('_', '-')}", type(field.default)
        told = f"{field.metadata['help']} (default: {field.default})"
        parser.add_argument(option, type=kind, default=field.default, metavar="N", help=told)


def _train(arguments: argparse.Namespace) -> None:
    from data_builders.dataset.mention_replacement import replace_mentions
    from training.tagger.train import TaggerRecipe, train_tagger

    recipe = TaggerRecipe(**{field.name: getattr(arguments, field.name) for field in fields(TaggerRecipe)})
    train = list(_examples(arguments.train))

    def epoch(number: int) -> Iterable[Example]:
        return replace_mentions(train, recipe.replaced, recipe.seed + number) if recipe.replaced else train

    train_tagger(arguments.base, epoch, _examples(arguments.validation), arguments.out, recipe)


def _examples(paths: Iterable[Path]) -> Iterator[Example]:
    return chain.from_iterable(map(read_records, paths))


def _export(arguments: argparse.Namespace) -> None:
    from training.tagger.export import export_tagger

    texts = (example.document.text for example in read_records(arguments.texts))
    agreement = export_tagger(arguments.run_folder, arguments.out, texts, blockwise=arguments.blockwise)
    print(f"{arguments.out}: int8 agrees with float on {agreement.same} of {agreement.tokens} tags")


def _trim(arguments: argparse.Namespace) -> None:
    from training.tagger.trim import trim_encoder

    print(f"{arguments.out}: {trim_encoder(arguments.base, arguments.out)} pieces kept")

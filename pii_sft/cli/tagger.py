"""`pii-sft tagger`: trains, exports and trims the embedded engine."""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.cli.shared.parser import Commands
from schemas.checkpoint.tagger_manifest import REST_FILE
from schemas.errors import DataError
from schemas.files import replacing_folder
from schemas.spans.entity import Example
from schemas.spans.record import read_records
from schemas.taxonomy import EntityType, parse_types

if TYPE_CHECKING:
    from schemas.engine import Engine
    from schemas.spans.prediction import Prediction
    from training.tagger.recipe import TaggerRecipe
    from training.tagger.train import Part

_EMBEDDED = "embedded"
_FEWEST_TAGS = 100
_FEWEST_VALUES = 200
"""Values of examples under which scales and calibration are told to be weak."""
_PART = 500


def add_parser(commands: Commands) -> None:
    """Add the commands `tagger train`, `tagger export`, `tagger average` and `tagger trim`."""
    group = commands.add_parser("tagger", help="train and export the embedded engine")
    steps = group.add_subparsers(metavar="STEP", required=True)
    _add_train(steps)
    export = steps.add_parser("export", help="write a trained tagger as int8 ONNX")
    export.add_argument("run_folder", type=Path, metavar="RUN", help="folder that `tagger train` wrote")
    export.add_argument("out", type=Path, metavar="OUT", help="folder to write")
    help_examples = "dataset (JSONL), not trained on: sets and checks int8, and calibrates scores"
    export.add_argument("--examples", type=Path, required=True, metavar="FILE", help=help_examples)
    export.set_defaults(run=_export)
    average = steps.add_parser("average", help="make one tagger of several runs that stem from one base")
    average.add_argument("runs", nargs="+", metavar="RUN", help=f"folder that `tagger train` wrote, or `{_EMBEDDED}`")
    average.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    average.set_defaults(run=_average)
    trim = steps.add_parser("trim", help="cut an encoder's vocabulary down to Chinese and English")
    trim.add_argument("base", type=Path, metavar="BASE", help="folder of a multilingual encoder")
    trim.add_argument("out", type=Path, metavar="OUT", help="folder to write")
    trim.set_defaults(run=_trim)


def _add_train(steps: Commands) -> None:
    train = steps.add_parser("train", help="fine-tune an encoder")
    help_base = f"folder of the encoder, or `{_EMBEDDED}` for the tagger that ships with the package"
    train.add_argument("--base", required=True, metavar="DIR", help=help_base)
    for name in ("--train", "--validation"):
        help_data = "dataset (JSONL); repeat for more"
        train.add_argument(name, type=Path, required=True, action="append", metavar="FILE", help=help_data)
    help_teacher = f"folder of a tagger that it learns from too, or `{_EMBEDDED}`"
    train.add_argument("--teacher", metavar="DIR", help=help_teacher)
    help_reader = "language model (folder or GGUF file) that reads beside the tagger: a larger teacher, on a GPU"
    train.add_argument("--reader", metavar="MODEL", help=help_reader)
    help_unlabelled = "texts, one a line, that only the teacher marks; repeat for more"
    train.add_argument("--unlabelled", type=Path, action="append", default=[], metavar="FILE", help=help_unlabelled)
    train.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for checkpoints and result")
    help_recipe = "teacher, student or a YAML file (default: teacher)"
    train.add_argument("--recipe", default="teacher", metavar="FILE", help=help_recipe)
    help_overrides = "changes to the recipe, such as epochs=1 learning_rate=1e-4"
    train.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help=help_overrides)
    train.set_defaults(run=_train)


def _train(arguments: argparse.Namespace) -> None:
    from training.tagger.recipe import load_recipe
    from training.tagger.train import Start, TaggerData, train_tagger

    if arguments.unlabelled and not arguments.teacher:
        raise DataError("--unlabelled needs --teacher, which marks the texts")
    recipe = load_recipe(arguments.recipe, arguments.overrides)
    parts = list(_parts(list(_examples(arguments.train)), recipe))
    data = TaggerData(parts, _examples(arguments.validation), list(_lines(arguments.unlabelled)))
    with ExitStack() as stack:
        base, teacher = (name and stack.enter_context(_folder(name)) for name in (arguments.base, arguments.teacher))
        if not train_tagger(Start(base, teacher, arguments.reader), data, arguments.out, recipe):
            print(f"{arguments.out}: this run is finished; nothing was done", file=sys.stderr)


def _parts(examples: Sequence[Example], recipe: "TaggerRecipe") -> Iterator["Part"]:
    """The examples of all epochs in parts, with values replaced anew in each epoch."""
    from data_builders.dataset.mention_replacement import Mentions, replace_mentions

    mentions = Mentions(examples)
    for epoch in range(recipe.epochs):
        for start in range(0, len(examples), _PART):
            seed = f"{recipe.seed + epoch}-{start}"
            yield partial(replace_mentions, examples[start : start + _PART], recipe.replaced, seed, mentions)


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    """The folder `name`, or one with the embedded tagger made float again."""
    if name != _EMBEDDED:
        yield Path(name)
        return
    from serving.engines.tagger.engine import EMBEDDED
    from training.tagger.dequantise import make_float

    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / _EMBEDDED
        make_float(EMBEDDED, base)
        yield base


def _examples(paths: Iterable[Path]) -> Iterator[Example]:
    return chain.from_iterable(map(read_records, paths))


def _lines(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        try:
            yield from filter(None, path.read_text(encoding="utf-8").splitlines())
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: byte {error.start} is not UTF-8") from None


def _export(arguments: argparse.Namespace) -> None:
    from training.tagger.export import export_tagger

    examples = list(read_records(arguments.examples))
    texts = [example.document.text for example in examples]
    with replacing_folder(arguments.out) as partial:
        agreement = export_tagger(arguments.run_folder, partial, texts)
        for early in [False, True] if (partial / REST_FILE).exists() else [False]:
            _calibrate(partial, examples, early)
    print(f"{arguments.out}: int8 agrees with float on {agreement.rate:.4f} of {agreement.tokens.total()} tags")
    values = sum(len(example.entities) for example in examples)
    if values < _FEWEST_VALUES:
        few = f"{len(texts)} texts with {values} values are few; {_FEWEST_VALUES} and more make scores shares"
        print(f"pii-sft: warning: {arguments.examples}: {few}", file=sys.stderr)
    least = agreement.least(_FEWEST_TAGS)
    if least:
        print(f"of types with at least {_FEWEST_TAGS} tags it agrees least on {least[0]}: {least[1]:.4f}")


def _calibrate(folder: Path, examples: Sequence[Example], early: bool) -> None:
    """Make the scores of the tagger in `folder`, or of its first layers, shares of what is right; not the rules'."""
    from serving.engines.hybrid import HybridEngine
    from serving.engines.rules.engine import RulesEngine
    from serving.engines.tagger.engine import Tagger
    from training.tagger.calibrate import fit_calibration

    engine = HybridEngine(Tagger(folder, early=early), RulesEngine())
    scored = [
        (detection.entity.type, detection.score, detection.entity in example.entities)
        for types, asked in groupby(sorted(examples, key=_annotated), _annotated)
        for example, prediction in _detected(engine, list(asked), types)
        for detection in prediction.detections
        if detection.source == "model" and detection.validated is not False  # a failed check has lowered that score
    ]
    fit_calibration(scored).write(folder, early)


def _annotated(example: Example) -> tuple[EntityType, ...]:
    return parse_types(example.annotated)


def _detected(
    engine: "Engine", examples: Sequence[Example], types: tuple[EntityType, ...]
) -> Iterator[tuple[Example, "Prediction"]]:
    predictions = engine.detect([example.document.text for example in examples], types)
    yield from zip(examples, predictions, strict=True)


def _average(arguments: argparse.Namespace) -> None:
    from training.tagger.average import average_taggers

    with ExitStack() as stack:
        average_taggers([stack.enter_context(_folder(name)) for name in arguments.runs], arguments.out)
    print(f"{arguments.out}: the mean of {len(arguments.runs)} taggers")


def _trim(arguments: argparse.Namespace) -> None:
    from training.tagger.trim import trim_encoder

    print(f"{arguments.out}: {trim_encoder(arguments.base, arguments.out)} pieces kept")

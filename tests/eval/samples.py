"""Small datasets, and systems whose answers are known."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eval.dataset import Dataset, open_dataset
from eval.evaluate import Plan, evaluate
from eval.figures import Figures
from eval.report import write_report
from eval.system import Answered, Reply, System
from schemas.spans.entity import Document, Entity, Example
from schemas.spans.prediction import Detection, Prediction
from schemas.spans.record import write_records
from schemas.taxonomy import EntityType as T

NAME, PHONE = T.PERSON_NAME, T.PHONE_NUMBER
TYPES = (NAME, PHONE)
TEXT = "张三和李四，电话12345"
RIGHT = (Entity(0, 2, NAME), Entity(3, 5, NAME), Entity(8, 13, PHONE))
WRONG = (Entity(0, 1, NAME), Entity(8, 13, T.QQ_NUMBER))


def example(
    number: int, *entities: Entity, text: str = TEXT, annotated: Sequence[T] = TYPES, source: str = "test"
) -> Example:
    return Example(Document(f"row-{number}", text), entities, source, "chat", tuple(annotated), {"cue": "all"})


def prediction(*entities: Entity, text: str = TEXT, score: float = 0.9) -> Prediction:
    return Prediction(text, tuple(Detection(entity, score, "model") for entity in entities))


def rows(number: int = 20) -> list[Example]:
    return [example(at, Entity(0, 2, NAME), Entity(3, 5, NAME), Entity(8, 13, PHONE)) for at in range(number)]


def dataset_of(folder: Path, examples: Sequence[Example]) -> Dataset:
    write_records(folder / "test.jsonl", examples)
    return open_dataset(folder)


@dataclass
class Finder:
    """Finds set entities in every text, and counts the texts that it was asked about."""

    entities: Sequence[Entity]
    answered: Answered | None = None
    asked: list[tuple[str, tuple[T, ...]]] = field(default_factory=list)
    dies_after: int | None = None

    def reply(self, texts: Sequence[str], types: Sequence[T]) -> list[Reply]:
        if self.dies_after is not None and len(self.asked) >= self.dies_after:
            raise KeyboardInterrupt
        self.asked += [(text, tuple(types)) for text in texts]
        found = [entity for entity in self.entities if entity.type in types]
        return [Reply(prediction(*found, text=text), self.answered) for text in texts]


def make_system(finder: Finder, spec: str = "finder", identity: str = "1", random: bool = False) -> System:
    return System(spec, identity, f"the {spec}", finder, random=random)


def systems_by_spec() -> dict[str, System]:
    answered = Answered(True, 3, 1, 0, 100, 20)
    return {
        "good": make_system(Finder(RIGHT), "good"),
        "bad": make_system(Finder(WRONG, answered), "bad"),
        "random:x": make_system(Finder(()), "random:x", random=True),
    }


def plan_of(folder: Path, **options: object) -> Plan:
    marked = example(91, *RIGHT, text="张三和李四，电话12345|<b>*_`", source="other")
    examples = [marked, *rows(30), example(90, source="other")]
    return Plan(dataset_of(folder, examples), (*TYPES, T.QQ_NUMBER), folder / "out", seconds=0.05, **options)  # type: ignore[arg-type]


def evaluated(folder: Path, **options: object) -> Figures:
    systems = systems_by_spec()
    plan = plan_of(folder, **options)
    figures = evaluate(plan, list(systems), systems.__getitem__, lambda *_: None)
    write_report(figures, plan.out)
    return figures

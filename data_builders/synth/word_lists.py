"""Word lists of the package: `data_builders/synth/texts/words/NAME.txt`, words separated by white space, `#` lines are comments."""

from importlib import resources


def words(name: str) -> tuple[str, ...]:
    """The words of list `name`, in file order. Raises FileNotFoundError for an unknown list."""
    text = (resources.files("data_builders.synth") / "texts" / "words" / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(word for line in text.splitlines() if not line.startswith("#") for word in line.split())

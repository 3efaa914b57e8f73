"""The source ai4privacy: any published version, from a file, a folder or the hub."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tqdm import tqdm

from data_builders.sources.ai4privacy.licence import check_licence, find_repository
from data_builders.sources.ai4privacy.read import read_ai4privacy
from data_builders.sources.files import local_or_hub
from data_builders.sources.source import Corpus, FileSource
from data_builders.sources.tables import read_rows
from data_builders.splits import Split
from schemas.spans.entity import Example

_FILES = ("*.jsonl", "*.csv", "*.parquet")


class Ai4Privacy(FileSource):
    """An ai4privacy corpus: `path` holds it, or it is fetched from the hub; `repository` decides about its licence."""

    repository: str = "ai4privacy/pii-masking-openpii-1.5m"
    revision: str = "main"
    languages: tuple[str, ...] = ("zh", "en")
    accept_license: bool = False

    @property
    def licence(self) -> str:
        """That of the repository."""
        repository = find_repository(self.repository)
        return f"ai4privacy `{repository.name}`: {repository.licence}"

    def read(self, path: Path, report: Counter[str]) -> Iterator[Example]:
        """The rows in one of `languages`."""
        lines = tqdm(read_rows(path), desc="reading ai4privacy", unit="row", mininterval=1)
        return read_ai4privacy(lines, self.languages, report, self.repository)

    def locate(self) -> tuple[Path, dict[str, str]]:
        """`path` or the hub's files, and always the repository."""
        repository = find_repository(self.repository).name
        path, origin = local_or_hub(self.path, repository, self.revision, _FILES)
        return path, {"repository": repository, **origin}

    def open(self, wanted: Mapping[Split, int], seed: int) -> Corpus:
        """As for every file. Raises DataError when the licence is not accepted."""
        check_licence(self.repository, self.accept_license)
        return FileSource.open(self, wanted, seed)

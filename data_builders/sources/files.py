"""Files of a source: a local path or those of the Hugging Face hub, and their hashes."""

import hashlib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from schemas.errors import DataError


def fetch(repository: str, revision: str, patterns: Sequence[str]) -> Path:
    """Download the files of a data set that match `patterns` and return the folder that holds them.

    `repository` is `owner/name`, `revision` a branch, tag or commit, `patterns` are as of `fnmatch` over paths in the
    repository. Files that the hub's cache holds are not downloaded again, and without a network the cache alone
    answers. The folder may hold files of earlier downloads too. Raises DataError, which names the repository, when
    the hub cannot be reached, has no such data set or revision, or no file matches.
    """
    from huggingface_hub import snapshot_download  # loads slowly

    local = "or give a local folder or file in the same format instead"
    try:
        folder = snapshot_download(repository, repo_type="dataset", revision=revision, allow_patterns=list(patterns))
    except Exception as error:  # the hub's errors and those of its HTTP library share no base class
        raise DataError(
            f"{repository}: revision {revision} cannot be downloaded from the hub ({type(error).__name__}); "
            f"check name, revision and network, {local}"
        ) from error
    names = [file.relative_to(folder).as_posix() for file in Path(folder).rglob("*") if file.is_file()]
    if not any(fnmatchcase(name, pattern) for name in names for pattern in patterns):
        wanted = ", ".join(patterns)
        raise DataError(f"{repository}: no file of revision {revision} matches {wanted}; mend the patterns, {local}")
    return Path(folder)


def local_or_hub(
    path: Path | None, repository: str, revision: str, patterns: Sequence[str]
) -> tuple[Path, dict[str, str]]:
    """`path` as it is, or the folder that `fetch` gives, with repository, revision and the commit that the hub gave."""
    if path is not None:
        return path, {}
    folder = fetch(repository, revision, patterns)
    return folder, {"repository": repository, "revision": revision, "commit": folder.name}


def hashes(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of files, and of the files in folders, by name; a folder's own name does not count.

    Raises DataError, which names the file, when one cannot be read.
    """
    files = {}
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                name = file.relative_to(path).as_posix() if path.is_dir() else file.name
                files[name] = _sha256(file)
    return files


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{file}: {error.strerror}") from None

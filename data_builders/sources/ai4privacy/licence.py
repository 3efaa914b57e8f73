"""The published repositories and what their licences allow."""

from dataclasses import dataclass

from schemas.errors import DataError

CC_BY = "CC-BY-4.0"
_OWN = "Ai4Privacy's own licence"


@dataclass(frozen=True, slots=True)
class Repository:
    """A dataset repository on the Hugging Face hub.

    Attributes: `name`; `version`, our short name, the `family` of its examples; `licence`; `chinese`, whether it has
    Chinese rows.
    """

    name: str
    version: str
    licence: str
    chinese: bool = False


REPOSITORIES: tuple[Repository, ...] = (
    Repository("ai4privacy/pii-masking-43k", "43k", _OWN),
    Repository("ai4privacy/pii-masking-65k", "65k", _OWN),
    Repository("ai4privacy/pii-masking-200k", "200k", _OWN),
    Repository("ai4privacy/pii-masking-300k", "300k", _OWN),
    Repository("ai4privacy/pii-masking-400k", "400k", _OWN),
    Repository("ai4privacy/open-pii-masking-500k-ai4privacy", "open-500k", CC_BY),
    Repository("ai4privacy/pii-masking-openpii-1m", "openpii-1m", CC_BY),
    Repository("ai4privacy/pii-masking-openpii-1.5m", "openpii-1.5m", CC_BY, chinese=True),
    Repository("ai4privacy/openpii-masking-mini-10k", "openpii-mini-10k", CC_BY),
    Repository("ai4privacy/openpii-masking-nano-1k", "openpii-nano-1k", CC_BY),
)
"""Every repository that can be read."""


def find_repository(version_or_repository: str) -> Repository:
    """The repository with this short name, name, or name without `ai4privacy/`.

    Raises DataError, which lists the known ones, when there is none.
    """
    for repository in REPOSITORIES:
        if version_or_repository in (repository.version, repository.name, repository.name.partition("/")[2]):
            return repository
    names = ", ".join(repository.name for repository in REPOSITORIES)
    raise DataError(f"{version_or_repository!r} is no known ai4privacy version; known: {names}")


def check_licence(version_or_repository: str, accepted: bool) -> None:
    """Pass for a CC-BY-4.0 version, and for another one only when its terms are `accepted`.

    Raises DataError, which says what the licence forbids, otherwise, and for an unknown version.
    """
    repository = find_repository(version_or_repository)
    if repository.licence != CC_BY and not accepted:
        raise DataError(
            f"{repository.name}: its licence ({repository.licence}) forbids commercial use or derivatives without an "
            "agreement; pass accept_license=true if your use is allowed"
        )

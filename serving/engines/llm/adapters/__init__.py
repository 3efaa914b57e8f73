"""Adapters that come with the package: folders here, which their names stand for."""

from pathlib import Path

_SHIPPED = Path(__file__).parent


def find_adapter(given: Path) -> Path:
    """The folder of the shipped adapter that `given` names, unless a file or folder is there; else `given`."""
    shipped = _SHIPPED / given
    return shipped if given.name == str(given) and shipped.is_dir() and not given.exists() else given

"""The package: what it exports, and that importing it loads nothing but the standard library."""

import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import schemas
from schemas import errors

ROOT = Path(schemas.__file__).parent.parent
HELPERS = {"parse_json", "as_object", "as_list", "as_string", "as_type"}
"""Functions that modules of the package share and that are no part of the contract."""

HEAVY = {"asyncio", "http", "logging", "multiprocessing", "socket", "ssl", "subprocess", "tempfile", "unittest"}


def public_definitions() -> dict[str, object]:
    """Public classes and functions by name, from all modules of the package."""
    names = [f"schemas.{module.name}" for module in pkgutil.iter_modules(schemas.__path__)]
    return {
        name: value
        for module in names
        for name, value in vars(import_module(module)).items()
        if (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module
        and not name.startswith("_")
    }


def test_all_is_complete_and_every_name_resolves() -> None:
    defined = public_definitions()
    assert set(defined) - HELPERS <= set(schemas.__all__)
    assert all(getattr(schemas, name) is value for name, value in defined.items() if name not in HELPERS)
    assert all(hasattr(schemas, name) for name in schemas.__all__)
    assert len(schemas.__all__) == len(set(schemas.__all__))


def test_importing_loads_only_light_modules_of_the_standard_library() -> None:
    code = "import schemas, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "schemas" in loaded
    assert loaded - sys.stdlib_module_names <= {"schemas", "__main__"}
    assert not loaded & HEAVY


def test_every_public_definition_has_a_docstring() -> None:
    assert [name for name, value in public_definitions().items() if not inspect.getdoc(value)] == []


def test_the_error_tree_is_the_one_drawn() -> None:
    drawn = errors.__doc__ or ""
    tree = [value for _, value in inspect.getmembers(errors, inspect.isclass)]
    assert all(issubclass(error, errors.PiiSftError) and error.__name__ in drawn for error in tree)

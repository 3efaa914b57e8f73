"""The package: its modules are light, and whatever is public is documented."""

import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import schemas
from schemas import errors

ROOT = Path(schemas.__file__).parent.parent
HEAVY = {"asyncio", "http", "logging", "multiprocessing", "socket", "ssl", "subprocess", "tempfile", "unittest"}
LIGHT = (
    "taxonomy",
    "errors",
    "files",
    "json_schema",
    "recipe",
    "text.fold",
    "spans.entity",
    "spans.record",
    "llm.prompt",
    "checkpoint.adapter",
    "checkpoint.base",
    "checkpoint.tagger_manifest",
)


def public_definitions() -> dict[str, object]:
    """Public classes and functions by qualified name, from all modules of the package."""
    modules = [module.name for module in pkgutil.walk_packages(schemas.__path__, "schemas.")]
    return {
        f"{module}.{name}": value
        for module in modules
        for name, value in vars(import_module(module)).items()
        if (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module
        and not name.startswith("_")
    }


def test_the_core_loads_only_light_modules_of_the_standard_library() -> None:
    code = f"import sys, {', '.join(f'schemas.{name}' for name in LIGHT)}; print(*sys.modules)"
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

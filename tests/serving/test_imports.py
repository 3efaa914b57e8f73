"""Engines and redaction stand apart from HTTP."""

import pkgutil
import subprocess
import sys

import serving.engines
import serving.redaction


def test_engines_and_redaction_load_neither_http_nor_what_few_documents_need() -> None:
    packages = (serving.engines, serving.redaction)
    modules = [
        module.name
        for package in packages
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    light = [name for name in modules if not name.startswith("serving.engines.llm")]
    assert len(light) > 20
    code = f"import sys, {', '.join(light)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"fastapi", "starlette", "uvicorn", "pydantic", "pyarrow", "torch", "serving.service"}

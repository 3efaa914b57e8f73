"""The machine: what speeds were measured on, and the resident memory of this process."""

import os
import platform
import re
import resource
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def resident_mb() -> float:
    """Resident memory in MB; where the system does not tell, the peak."""
    return _status("VmRSS")


def peak_mb() -> float:
    """The most resident memory in MB since `reset_peak`, or, where the system cannot reset it, since the start."""
    return _status("VmHWM")


def reset_peak() -> None:
    """Let the peak begin anew, on Linux (proc(5), clear_refs)."""
    with suppress(OSError):
        _CLEAR.write_text("5", encoding="ascii")


def _status(field: str) -> float:
    match = re.search(rf"^{field}:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE) if _STATUS.exists() else None
    kilobytes = int(match[1]) if match else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes * 1024 / 1e6


def environment() -> dict[str, str | int | None]:
    """The processor, and the versions that speeds are measured with; of torch and the GPU where torch is in use."""
    info = Path("/proc/cpuinfo")
    models = re.findall(r"model name\s*: (.*)", info.read_text(encoding="utf-8")) if info.exists() else []
    facts: dict[str, str | int | None] = {
        "cpu": models[0] if models else platform.processor(),
        "cpu_threads": os.cpu_count(),
        "python": platform.python_version(),
        "pii-sft": version("pii-sft"),
        "onnxruntime": version("onnxruntime"),
    }
    torch = sys.modules.get("torch")
    if torch is not None:
        facts["torch"] = str(torch.__version__)
        if torch.cuda.is_available():
            facts["gpu"] = torch.cuda.get_device_name()
    return facts

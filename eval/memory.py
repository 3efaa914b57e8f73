"""Resident memory of this process, now and at its peak."""

import re
import resource
from contextlib import suppress
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
    found = re.search(rf"^{field}:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE) if _STATUS.exists() else None
    kilobytes = int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes * 1024 / 1e6

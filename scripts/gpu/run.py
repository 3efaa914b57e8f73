"""All that a rented GPU is for, in one command that is repeated until nothing is left to do.

    python scripts/gpu/run.py PLAN --work WORK [--pieces PIECES] [--out OUT] [--seconds 540]

PLAN is a YAML file of steps, such as scripts/gpu/plan.yaml. Each call joins the pieces of inputs that it finds in
PIECES (see pieces.py), then takes every step whose inputs are there and which is not done, in order, until nothing
runs any more or `--seconds` are over. A step that is stopped resumes at the next call. One that failed is tried again
when its mark is gone (`rm WORK/steps/NAME.failed`). What finished steps leave is put into OUT, in at most 8 files of
15 MB each and at most 64 MB a call; the next calls bring the rest. Commands run in WORK.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pieces import cut, join

_ROOT = Path(__file__).parents[2]
_RESULT_MB, _RESULTS_MB, _RESULT_FILES = 15, 64, 8
_POLL = 0.5
_GRACE = 20.0
"""Seconds that a step which is stopped has to write its checkpoint."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the plan.

    `commands` run one after the other; all `needs` must be in the work folder before. A `detached` step goes on between
    calls. `results` are files and folders to bring home.
    """

    name: str
    commands: tuple[str, ...]
    needs: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    detached: bool = False


def read_plan(path: Path) -> list[Step]:
    """The steps of the plan at `path`."""
    plan: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    lists = ("commands", "needs", "results")
    return [Step(**{key: tuple(value) if key in lists else value for key, value in step.items()}) for step in plan]


class Run:
    """The state of a plan in a work folder."""

    def __init__(self, work: Path, until: float) -> None:
        self.work, self._until = work.resolve(), until
        self.marks = self.work / "steps"
        self.marks.mkdir(parents=True, exist_ok=True)

    def state(self, step: Step) -> str:
        """`done`, `failed`, `running`, `waiting` for its inputs, or `ready`."""
        for state in ("done", "failed"):
            if (self.marks / f"{step.name}.{state}").exists():
                return state
        running = self.marks / f"{step.name}.pid"
        if running.exists():
            if _lives(int(running.read_text())):
                return "running"
            running.unlink()
            (self.marks / f"{step.name}.failed").write_text("killed\n")
            return "failed"
        return "ready" if all((self.work / need).exists() for need in step.needs) else "waiting"

    def take_all(self, steps: list[Step]) -> None:
        """Take every step that is ready, or becomes so while others run, until none runs or time is up."""
        while self.left() > 0:
            states = {step.name: self.state(step) for step in steps}
            if ready := next((step for step in steps if states[step.name] == "ready"), None):
                self.take(ready)
            elif "running" in states.values():
                time.sleep(_POLL)
            else:
                break

    def take(self, step: Step) -> None:
        """Run the step, or start it where it is detached."""
        print(f"{step.name}: begins", flush=True)
        script = self.marks / f"{step.name}.sh"
        mark = f"steps/{step.name}"
        failed = f"echo $? > {mark}.failed; rm {mark}.pid; exit 1"
        lines = [f"until [ -e {mark}.pid ]; do sleep 0.02; done"]
        lines += [f"{{ {command}; }} || {{ {failed}; }}" for command in step.commands]
        lines += [f"date +%s > {mark}.done", f"rm {mark}.pid", ""]
        script.write_text("\n".join(lines), encoding="utf-8")
        paths = f"{_ROOT}:{os.environ.get('PYTHONPATH', '')}"
        environment = os.environ | {"PROJECT": str(_ROOT), "PYTHONPATH": paths}
        with (self.marks / f"{step.name}.log").open("ab") as log:
            process = subprocess.Popen(
                ["bash", str(script)],
                cwd=self.work,
                env=environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        running = self.marks / f"{step.name}.pid"
        running.write_text(str(process.pid))
        if not step.detached:
            self._wait(process, running)

    def _wait(self, process: "subprocess.Popen[bytes]", running: Path) -> None:
        try:
            process.wait(max(self._until - time.monotonic(), 1))
        except subprocess.TimeoutExpired:
            running.unlink(missing_ok=True)
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            end = time.monotonic() + _GRACE
            while _group_lives(process.pid):  # the shell is gone at once, what it ran saves first
                if time.monotonic() > end:
                    os.killpg(process.pid, signal.SIGKILL)
                time.sleep(0.05)

    def left(self) -> float:
        """Seconds until the call must end."""
        return self._until - time.monotonic()

    def bring_home(self, steps: list[Step], out: Path) -> bool:
        """Put what finished steps left, and was not brought before, into `out`; returns whether that is all."""
        waiting = self.work / "results"
        for step in steps:
            state, brought = self.state(step), self.marks / f"{step.name}.brought"
            if state not in ("done", "failed"):
                continue
            ended = str((self.marks / f"{step.name}.{state}").stat().st_mtime_ns)
            if brought.exists() and brought.read_text() == ended:
                continue
            paths = [path for result in step.results if (path := self.work / result).exists()]
            cut(waiting, f"{step.name}-results", [*paths, self.marks / f"{step.name}.log"], _RESULT_MB)
            brought.write_text(ended)
        out.mkdir(parents=True, exist_ok=True)
        size = files = 0
        pieces = sorted(waiting.glob("*"), key=lambda piece: (piece.stat().st_mtime_ns, piece.name))
        for piece in pieces:
            size, files = size + piece.stat().st_size, files + 1
            if size > _RESULTS_MB * 1_000_000 or files > _RESULT_FILES:
                print(f"{len(pieces) - files + 1} files of results come with the next calls")
                return False
            shutil.move(piece, out / piece.name)
        return True


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return b"Z" not in Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]


def main() -> None:
    """Join, run, bring home, and say where everything stands; exits with 1 while something is left."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plan", type=Path, help="YAML file of steps")
    parser.add_argument("--work", type=Path, required=True, help="folder that stays between calls")
    parser.add_argument("--pieces", type=Path, help="folder with pieces that have come")
    parser.add_argument("--out", type=Path, help="folder for results to bring home")
    parser.add_argument("--seconds", type=float, default=540, help="time of this call (default: 540)")
    arguments = parser.parse_args()
    steps = read_plan(arguments.plan)
    run = Run(arguments.work, time.monotonic() + arguments.seconds)
    if arguments.pieces:
        for archive in join(arguments.pieces, arguments.work):
            print(f"{archive}: complete")
    run.take_all(steps)
    is_home = not arguments.out or run.bring_home(steps, arguments.out)
    states = {step.name: run.state(step) for step in steps}
    print(json.dumps(states))
    sys.exit(not is_home or any(state != "done" for state in states.values()))


if __name__ == "__main__":
    main()

"""What happens during a run: progress for people, a clean stop on SIGTERM, a warning of overfitting."""

import signal
import sys
from typing import Any

from accelerate.utils import gather_object
from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

_SHOWN = {"loss": ".4f", "learning_rate": ".1e", "tokens_per_second": ".0f", "mfu": ".1%"}
_EVALUATED = {
    "eval_loss": "loss",
    "eval_precision": "precision",
    "eval_recall": "recall",
    "eval_f1": "F1",
    "eval_perplexity": "general perplexity",
}
_RISES = 2
"""Evaluations in a row with a rising loss from which a run is said to overfit."""


class Progress(TrainerCallback):
    """A bar with steps, time left and the last figures that were logged, and a line for every evaluation."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Open the bar where the run stands."""
        if state.is_world_process_zero:
            self._bar = tqdm(total=state.max_steps, initial=state.global_step, unit="step", dynamic_ncols=True)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(state.global_step - self._bar.n)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Show what was logged."""
        figures = logs or {}
        if self._bar is not None:
            self._bar.set_postfix({key: format(figures[key], form) for key, form in _SHOWN.items() if key in figures})
        named = ", ".join(f"{name} {figures[key]:.4f}" for key, name in _EVALUATED.items() if key in figures)
        if state.is_world_process_zero and named:
            tqdm.write(f"step {state.global_step}: validation {named}", file=sys.stderr)

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Close the bar."""
        self.close()

    def close(self) -> None:
        """Close the bar, also where the run failed."""
        if self._bar is not None:
            self._bar.close()


class StopOnSignal(TrainerCallback):
    """On SIGTERM the step at hand is finished, a checkpoint is written, and the run ends, in all its processes."""

    def __init__(self) -> None:
        self._signalled = False
        self.stopped = False

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Take the signal over."""
        self._previous = signal.signal(signal.SIGTERM, self._note)

    def _note(self, *_: Any) -> None:
        self._signalled = True

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Ask for a checkpoint and the end."""
        self.stopped = any(gather_object([self._signalled]))
        if self.stopped:
            control.should_save = control.should_training_stop = True

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Give the signal back."""
        signal.signal(signal.SIGTERM, self._previous)


class WarnOfOverfitting(TrainerCallback):
    """Says so when the validation loss rises from one evaluation to the next, several times in a row."""

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Compare the last evaluations."""
        losses = [entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry][-_RISES - 1 :]
        if state.is_world_process_zero and len(losses) > _RISES and losses == sorted(losses) and losses[0] < losses[-1]:
            rise = f"from {losses[0]:.4f} to {losses[-1]:.4f}"
            print(f"step {state.global_step}: the validation loss rises ({rise}): the model overfits", file=sys.stderr)

"""Many texts at once, and what is told when some of them fail."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from schemas.errors import ModelError, PiiSftError, RefusedTextError
from serving.engines.remote.server import UnprovenRefusalError

_Result = TypeVar("_Result")
_REASONS = 3
"""How many different reasons are told, the most frequent first."""


def for_each_text(ask: Callable[[str], _Result], texts: Sequence[str], concurrency: int) -> list[_Result]:
    """What `ask` returns about each of `texts`, in order; `concurrency` of them are asked about at once.

    All are asked about, whatever fails; those that the server refused before it answered any, once more. Then what
    failed is raised: the error of a single text as it is, else one that says how many of how many texts failed, and
    why. It is a RefusedTextError where every text that failed was refused, else a ModelError.
    """
    with ThreadPoolExecutor(concurrency) as pool:
        outcomes = list(pool.map(lambda text: _outcome(ask, text), texts))
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, UnprovenRefusalError) and len(texts) > 1:
            outcomes[number] = _outcome(ask, texts[number])
    errors = [outcome for outcome in outcomes if isinstance(outcome, PiiSftError)]
    if errors:
        raise errors[0] if len(texts) == 1 else _together(errors, len(texts))
    return [outcome for outcome in outcomes if not isinstance(outcome, PiiSftError)]


def _outcome(ask: Callable[[str], _Result], text: str) -> _Result | PiiSftError:
    try:
        return ask(text)
    except (ModelError, RefusedTextError) as error:
        return error


def _together(errors: Sequence[PiiSftError], texts: int) -> PiiSftError:
    kind = RefusedTextError if all(isinstance(error, RefusedTextError) for error in errors) else ModelError
    reasons = Counter(map(str, errors)).most_common(_REASONS)
    told = "; ".join(f"{reason} ({count})" for reason, count in reasons)
    return kind(f"{len(errors)} of {texts} texts failed: {told}")

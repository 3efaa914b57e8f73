"""Redaction of JSON: names of fields, structure and all else stay, and strings come back as they were."""

from collections.abc import Callable, Sequence

from schemas.engine import Find
from schemas.spans.entity import Entity
from schemas.spans.prediction import Prediction
from schemas.text.numbers import plain_number
from serving.redaction.json_text import Change, Leaf, flat, is_number, is_structure, leaves, rewrite
from serving.redaction.redact import LITERAL, Redacted, Restored, restored
from serving.redaction.replacement_map import ReplacementMap
from serving.redaction.session import RedactionSession

Chosen = Callable[[Leaf], bool]
"""Whether a string or number of the document, whose path is known, is read."""


def redact_json(text: str, find: Find, session: RedactionSession, chosen: Chosen | None = None) -> str:
    """The JSON text with stand-ins for the personal values in its strings and numbers, at any depth.

    Only those that are `chosen`, or all. JSON within a string is read as such. A personal number becomes a string, or
    with the operator surrogate another number. Everything else, white space included, stays as it is written. Raises
    JsonError for a text that is not JSON.
    """
    found = _chosen(text, chosen)
    return rewrite(text, found, iter(_changes(list(flat(found)), find, session)))


def _chosen(text: str, chosen: Chosen | None) -> list[Leaf]:
    return leaves(text) if chosen is None else list(filter(chosen, leaves(text, paths=True)))


def _changes(found: Sequence[Leaf], find: Find, session: RedactionSession) -> list[Change | None]:
    values = [plain_number(leaf.value) for leaf in found]
    predictions = find([leaf.value for leaf in found], [leaf.name or "" for leaf in found])
    rows = list(zip(found, predictions, strict=True))
    changes: list[Change | None] = []
    while True:  # a stand-in may be what another string or number already is
        last, numbers = changes, [_number(leaf, one, session) for leaf, one in rows if leaf.is_number]
        redacted = iter(session.redact_all(one for leaf, one in rows if not leaf.is_number))
        changed = iter(numbers)
        changes = [next(changed) if leaf.is_number else _change(leaf, next(redacted), session) for leaf in found]
        if changes == last:
            return changes
        session.reserve(values)


def redact_number(number: str, prediction: Prediction, session: RedactionSession) -> str:
    """The stand-in of a number of JSON in which something was found, or which restoring would take for one."""
    if prediction.entities:
        return session.redact_number(number, max(prediction.entities, key=lambda one: one.end - one.start).type)
    return session.redact_number(number, LITERAL) if session.reads_like_a_stand_in(number) else number


def _number(leaf: Leaf, prediction: Prediction, session: RedactionSession) -> Change | None:
    written = redact_number(leaf.value, prediction, session)
    return None if written == leaf.value else Change(written, is_number=is_number(written))


def _change(leaf: Leaf, redacted: Redacted, session: RedactionSession) -> Change | None:
    if redacted.text == leaf.value:
        return None
    if is_structure(redacted.text):  # what was no JSON for its values must not come back as if it were
        kind = redacted.stand_ins[0].type
        return Change(session.redact(leaf.value, [Entity(0, len(leaf.value), kind)]).text)
    return Change(redacted.text)


def restore_json(
    text: str, replacement_map: ReplacementMap, chosen: Chosen | None = None, numbers: Chosen | None = None
) -> tuple[str, int]:
    """The JSON text with the values back in its strings and numbers, escaped for where they stand.

    Only in those that are `chosen`, or all; strings become numbers again only where `numbers` holds, or anywhere. Also
    returns how many parts read like stand-ins, but have no value. Raises
    JsonError for a text that is not JSON.
    """
    found = _chosen(text, chosen)
    unrestored = 0

    def change(leaf: Leaf) -> Change | None:
        nonlocal unrestored
        back, was_a_number = restore_value(leaf.value, replacement_map)
        unrestored += back.unrestored
        may = numbers is None or numbers(leaf)
        is_a_number = is_number(back.text) and (leaf.is_number or (may and was_a_number))
        return None if back.text == leaf.value and is_a_number == leaf.is_number else Change(back.text, is_a_number)

    return rewrite(text, found, map(change, flat(found))), unrestored


def restore_value(value: str, replacement_map: ReplacementMap) -> tuple[Restored, bool]:
    """A string of JSON with its values, and whether it stood for a number of JSON as a whole."""
    occurrences = list(replacement_map.find(value))
    whole = len(occurrences) == 1 and (occurrences[0].start, occurrences[0].end) == (0, len(value))
    return restored(value, occurrences), whole and occurrences[0].is_number

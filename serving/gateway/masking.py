"""Masks a request, and looks once more at what is about to leave."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.engine import Engine, Find
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType
from schemas.text.escapes import unescaped
from serving.gateway.last_look import LastLook, names_of_fields
from serving.gateway.protocols.protocol import LlmProtocol, Route
from serving.gateway.settings import Policy
from serving.gateway.spreading import spread
from serving.redaction import RedactionSession, ReplacementMap, redact_json
from serving.redaction.json_text import Change, JsonError, Leaf, Path, flat, leaves, rewrite

INSTRUCTION = (
    "Some values are replaced by codes in square brackets, such as [PERSON_NAME_kp3x9d]. Treat each code as the value "
    "itself, and write it exactly as it is, with its brackets, wherever you mention the value."
)
"""What the model is told."""
_NUMBERS = frozenset(
    "temperature top_p top_k n seed max_tokens max_completion_tokens max_output_tokens max_tool_calls presence_penalty "
    "frequency_penalty logprobs top_logprobs best_of dimensions repetition_penalty min_p".split()
)
"""Numbers of a body that are settings."""
_WORDS = frozenset(
    "messages role content model type text name tool tools function functions parameters properties required call "
    "calls description arguments choice id use result input output instructions system user stream options metadata "
    "stop sequences image url file data source format schema json strict enum items title default index thinking "
    "signature cache control response reasoning effort prompt suffix assistant developer auto none any audio".split()
)
"""Words of any request: names of fields and settings that consist of them say nothing of an account named so."""
_BASE64 = re.compile(
    "(?=[^0-9]{0,99}[0-9])(?=[^a-z]{0,99}[a-z])(?=[^A-Z]{0,99}[A-Z])"
    r"(?:[A-Za-z0-9+/_-]{60,}\r?\n)*[A-Za-z0-9+/_-]+={0,2}\s*"
)
_LEAST_FILE = 256
"""Characters from which on a string of base64 alone is a file."""
_DATA_URL = re.compile(r"\s*data:[\w.+/;=-]*;base64,[a-z0-9+/=_\r\n-]*\s*", re.IGNORECASE | re.ASCII)
_WITHIN = re.compile(r"data:[\w.+/;=-]*;base64,[a-z0-9+/_-]{8}", re.IGNORECASE | re.ASCII)
"""A string that is a file, and one in which a file stands, though it be small."""


class Refused(Exception):
    """A request that does not go upstream: an HTTP status and a reason, which holds nothing of the request.

    `counts` says how many values of each type were found, where that is known.
    """

    def __init__(self, status: int, reason: str, counts: Mapping[EntityType, int] | None = None) -> None:
        super().__init__(reason)
        self.status, self.reason, self.counts = status, reason, counts or {}


@dataclass(frozen=True, slots=True)
class Masked:
    """A request as it leaves, what its stand-ins mean, and how many values of each type were found.

    `read` is the request as it came, but for escapes, which were read.
    """

    body: str = field(repr=False)
    read: str = field(repr=False)
    replacement_map: ReplacementMap = field(repr=False)
    counts: Counter[EntityType]


class Masker:
    """Masks requests."""

    def __init__(self, protocol: LlmProtocol, tripwire: Engine, *, preamble: bool) -> None:
        """Look with `tripwire` at what is about to leave; tell the model of stand-ins where `preamble`."""
        self._protocol, self._tripwire, self._preamble = protocol, tripwire, preamble

    def mask(self, body: bytes, route: Route, policy: Policy, find: Find, key: bytes) -> Masked:
        """The body with stand-ins of `key` for what `find` finds in the strings that `route` lets it read.

        Raises Refused for a body that is not understood, for media that may not pass, for types that may not leave at
        all, and where a value is left in what would leave.
        """
        try:
            text = body.decode("utf-8")
            found = leaves(text, paths=True)
        except UnicodeDecodeError:
            raise Refused(400, "the body is not UTF-8") from None
        except JsonError as error:
            raise Refused(400, f"the body: {error}") from None
        if not text.lstrip().startswith("{"):
            raise Refused(400, "the body is not a JSON object")
        if any(leaf.is_number and leaf.path in route.tokens for leaf in found):
            raise Refused(400, "text as numbers of tokens cannot be read; send it as text")
        media = _media(found, route)
        if policy.media == "refuse" and (media or any(_holds_file(leaf, route) for leaf in flat(found))):
            raise Refused(400, "pictures, sound and files cannot be read, and this gateway does not let them pass")
        counts: Counter[EntityType] = Counter()
        session = RedactionSession("keyed", hash_key=key, continues=True)

        def find_everywhere(texts: Sequence[str], names: Sequence[str] = ()) -> list[Prediction]:
            predictions = spread(find(texts, names))
            for prediction in predictions:
                counts.update(entity.type for entity in prediction.entities)
            return predictions

        chosen = _read(route, media)
        read = _unescaped(text, filter(chosen, found))
        masked = redact_json(read, find_everywhere, session, chosen)
        if blocked := sorted(policy.blocked & counts.keys()):
            raise Refused(403, f"the request holds what may not leave: {', '.join(blocked)}", counts)
        self._look_again(masked, route, policy, session.replacement_map)
        if counts and self._preamble and route.takes_instructions:
            masked = self._instructed(masked)
        return Masked(masked, read, session.replacement_map, counts)

    def _instructed(self, body: str) -> str:
        try:
            told = self._protocol.instructed(json.loads(body), INSTRUCTION)
            return json.dumps(told, ensure_ascii=False, allow_nan=False)
        except ValueError:
            raise Refused(400, "the body has a number that is too long to be written again") from None

    def _look_again(self, body: str, route: Route, policy: Policy, replacement_map: ReplacementMap) -> None:
        """Refuse a body in which a value is left that was masked elsewhere, or that has the form of one."""
        found = leaves(body, paths=True)
        media = _media(found, route)
        settings = {leaf.path for leaf in found if leaf.path in route.kept and _is_of_protocol(leaf.value)}
        read = list(flat([leaf for leaf in found if leaf.path not in media and leaf.path not in settings]))
        names = set(names_of_fields(body, found))
        if replacement_map:
            last_look = LastLook(replacement_map)
            unread = list(flat([leaf for leaf in found if leaf.path in route.sealed or leaf.path in route.kept]))
            if last_look.is_left_in_names({name for name in names if not _is_of_protocol(name)}):
                raise Refused(
                    422, "a value that was masked in one place is left in the name of a field; nothing was sent"
                )
            if last_look.is_left_in_texts(read) or last_look.is_left_unread(unread):
                raise Refused(422, "a value that was masked in one place is left in another; nothing was sent")
        self.check([*(leaf.value for leaf in read), *names], policy)

    def check(self, texts: Sequence[str], policy: Policy) -> None:
        """Raise Refused where one of `texts`, which leave as they are, has what has the form of a value."""
        for prediction in self._tripwire.detect(texts, [*policy.types, *policy.blocked]):
            left = [one for one in prediction.detections if one.validated and one.score >= policy.min_score]
            if left:
                raise Refused(422, f"a value is left that has the form of {left[0].entity.type}; nothing was sent")


def _is_of_protocol(name: str) -> bool:
    """Whether a name consists of words of the protocols, as `input_text` does."""
    return _WORDS.issuperset(name.split("_"))


def _holds_file(leaf: Leaf, route: Route) -> bool:
    """Whether a file stands in a string, or the string is base64 alone, which may be a key as well."""
    is_base64 = len(leaf.value) >= _LEAST_FILE and leaf.path not in route.sealed and _BASE64.fullmatch(leaf.value)
    return bool(is_base64 or _WITHIN.search(leaf.value))


def _media(found: Sequence[Leaf], route: Route) -> set[Path]:
    """Where pictures, sound and files stand, and URLs that hold one; documents that are plain text are none."""
    plain = {leaf.path[:-1] for leaf in found if leaf.path[-2:] == ("source", "type") and leaf.value == "text"}
    return {
        leaf.path
        for leaf in found
        if (leaf.path in route.media and leaf.path[:-1] not in plain and leaf.path not in route.kept)
        or _DATA_URL.fullmatch(leaf.value)
    }


def _read(route: Route, media: Collection[Path]) -> Callable[[Leaf], bool]:
    """Which strings and numbers of a request are read: all but names, settings, media and what is sealed."""

    def chosen(leaf: Leaf) -> bool:
        if leaf.is_number and len(leaf.path) == 1 and leaf.path[0] in _NUMBERS:
            return False
        return leaf.path not in route.kept and leaf.path not in media and leaf.path not in route.sealed

    return chosen


def _unescaped(text: str, chosen: Iterable[Leaf]) -> str:
    """The body with the characters in the place of their escapes, in JSON that stands in parts of strings at any depth.

    A model reads such escapes, a detector does not. JSON that is a whole string is read as such anyway. The `pattern`
    of a JSON schema keeps them: an escaped bracket there is no bracket.
    """
    found = list(chosen)
    return rewrite(text, found, iter([_unescaped_leaf(leaf) for leaf in flat(found)]))


def _unescaped_leaf(leaf: Leaf) -> Change | None:
    """A string without escapes, also of escapes; None for one that has none."""
    value = leaf.value if leaf.is_number or leaf.path[-1:] == ("pattern",) else unescaped(leaf.value)
    return None if value == leaf.value else Change(value)

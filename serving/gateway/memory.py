"""Remembers where values stand in texts that were searched before: a client sends its history again with each turn."""

import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Sequence

from schemas.engine import Find
from schemas.spans.prediction import Detection, Prediction


class Memory:
    """Detections by a keyed digest of their text; it holds no text and no value, and the oldest go first."""

    def __init__(self, secret: bytes, most: int) -> None:
        """Keep at most `most` texts."""
        self._secret, self._most = secret, most
        self._known: OrderedDict[bytes, tuple[Detection, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, texts: Sequence[str], names: Sequence[str], scope: str, find: Find) -> list[Prediction]:
        """What `find` finds in `texts`, or values of fields of these `names`.

        It is asked only about those that are new in `scope`: the same way to search.
        """
        named = list(zip(texts, names or [""] * len(texts), strict=True))
        keys = [self._key(f"{scope}\0{bool(names)}\0{len(name)}\0{name}\0{text}") for text, name in named]
        with self._lock:
            known = {key: self._known[key] for key in keys if key in self._known}
            for key in known:
                self._known.move_to_end(key)
        new = {key: one for key, one in zip(keys, named, strict=True) if key not in known}
        asked = [text for text, _ in new.values()], [name for _, name in new.values()] if names else ()
        found = {key: one.detections for key, one in zip(new, find(*asked), strict=True)} if new else {}
        with self._lock:
            self._known |= found
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        both = known | found
        return [Prediction.unchecked(text, both[key]) for key, text in zip(keys, texts, strict=True)]

    def _key(self, searched: str) -> bytes:
        return hmac.new(self._secret, searched.encode(), hashlib.sha256).digest()

"""The page at `/`: three static files that talk to this service alone.

They are plain HTML, CSS and JavaScript, and nothing builds them. The page asks for `types`, `detect` and `redact` by
relative addresses, so that it also works below a path of a proxy.
"""

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import Response

_FOLDER = Path(__file__).parent
_FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}
PAGE_PATHS = frozenset(_FILES)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def add_page(app: FastAPI) -> None:
    """Add the page to `app`: `/`, `/page.css` and `/page.js`, which the OpenAPI document leaves out.

    Every answer carries a policy under which a browser runs no script, loads no style and asks no address but the
    service's own, and shows the page in no frame of another.
    """
    for path, (name, kind) in _FILES.items():
        app.add_api_route(path, _answering((_FOLDER / name).read_bytes(), kind), include_in_schema=False)


def _answering(content: bytes, kind: str) -> Callable[[], Response]:
    """A route that answers `content`, text of the media type `kind`."""

    def answer() -> Response:
        return Response(content, media_type=kind, headers=_HEADERS)

    return answer

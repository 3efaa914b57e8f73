"""The provider's end: which headers go there, which come back, and one pool of connections."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec

import httpx2
from starlette.datastructures import Headers

from serving.gateway.masking import Refused
from serving.gateway.protocols.protocol import LlmProtocol
from serving.gateway.settings import GatewaySettings

_SENT = frozenset(
    "authorization x-api-key api-key anthropic-version anthropic-beta openai-organization openai-project openai-beta "
    "user-agent accept".split()
)
"""Headers of a request that are sent on."""
_SENT_PREFIX = "x-stainless-"
_IDEMPOTENCY = "idempotency-key"
"""A name that the client gives its request: its digest goes on, since it could be an order or a phone number."""
_NOT_RETURNED = frozenset(
    "connection keep-alive transfer-encoding content-length content-encoding set-cookie trailer upgrade te server date "
    "proxy-authenticate x-request-id alt-svc strict-transport-security".split()
)
"""Headers of an answer that are about the provider's connection, not about the answer."""
_KEYS = ("authorization", "x-api-key", "api-key")
_PARAMETERS = frozenset({"api-version", "beta", "limit", "after", "before_id", "after_id"})
"""Parameters of a URL that are sent on."""
_PLAIN = re.compile(r"[A-Za-z0-9._:/@-]{0,200}")
"""What a path and the value of a parameter may be: names of models, dates, ids."""


class Upstream:
    """Sends requests on; one pool of connections, HTTP/2 where it is offered and installed."""

    def __init__(self, settings: GatewaySettings, protocol: LlmProtocol, client: httpx2.AsyncClient) -> None:
        """Use `client`, whose time-outs are set."""
        self._settings, self._protocol, self.client = settings, protocol, client

    async def send(self, method: str, path: str, query: str, headers: Headers, body: str | None) -> httpx2.Response:
        """The answer to what `check_url` let pass, of which only the head has been read. Raises Refused for none."""
        url = f"{self._settings.upstream.rstrip('/')}{path}" + (f"?{query}" if query else "")
        request = self.client.build_request(method, url, headers=self._headers(headers, body), content=body)
        try:
            response = await self.client.send(request, stream=True)
        except httpx2.TimeoutException:
            raise Refused(504, "the provider did not answer in time") from None
        except httpx2.HTTPError:
            raise Refused(502, "the provider cannot be reached") from None
        if response.is_redirect:  # a client that followed it would send its own body, unmasked
            await response.aclose()
            raise Refused(502, "the provider redirects elsewhere; give that address as the upstream")
        return response

    def _headers(self, given: Headers, body: str | None) -> dict[str, str]:
        sent = {name: value for name, value in given.items() if name in _SENT or name.startswith(_SENT_PREFIX)}
        if name := given.get(_IDEMPOTENCY):
            sent[_IDEMPOTENCY] = hmac.new(self._settings.secret, name.encode(), hashlib.sha256).hexdigest()
        if key := self._settings.upstream_key:
            sent = {name: value for name, value in sent.items() if name not in _KEYS}
            name = self._protocol.key_header
            sent[name] = f"Bearer {key}" if name == "authorization" else key
        return sent if body is None else sent | {"content-type": "application/json"}


def check_url(path: str, query: str) -> None:
    """Raise Refused for a path or a query that is not understood, or that leads elsewhere."""
    if not all(name in _PARAMETERS and _PLAIN.fullmatch(value) for name, value in _parameters(query)):
        raise Refused(400, "parameters of the URL are not understood; nothing was sent")
    if not _PLAIN.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise Refused(400, "the path is not understood; nothing was sent")


def make_client(settings: GatewaySettings) -> httpx2.AsyncClient:
    """A client that follows no redirect, which could lead elsewhere."""
    times = httpx2.Timeout(settings.read, connect=settings.connect)
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=100)
    return httpx2.AsyncClient(timeout=times, limits=limits, follow_redirects=False, http2=_has_http2())


def returned_headers(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """The headers that the client gets."""
    return {name: value for name, value in headers if name.lower() not in _NOT_RETURNED}


def _parameters(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part)]


def _has_http2() -> bool:
    return find_spec("h2") is not None

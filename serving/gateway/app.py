"""The gateway as an application: a request is masked, sent on, and its answer restored."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import anyio.to_thread
import httpx2
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from serving.gateway.answers import EventRestorer, restore_answer
from serving.gateway.application import Engines, new_application, tenant_of
from serving.gateway.masking import Masked, Masker, Refused
from serving.gateway.outbound import Outbound
from serving.gateway.protocols.anthropic import Anthropic
from serving.gateway.protocols.openai import OpenAI
from serving.gateway.protocols.protocol import LlmProtocol, Route
from serving.gateway.settings import GatewaySettings
from serving.gateway.sse import EventReader, StreamError
from serving.gateway.upstream import Upstream, check_url, make_client, returned_headers
from serving.redaction.json_text import JsonError
from serving.service.detection_service import DetectionService
from serving.service.error_handlers import Detail, ErrorForm
from serving.service.settings import ServiceSettings

PROTOCOLS: dict[str, Callable[[], LlmProtocol]] = {"openai": OpenAI, "anthropic": Anthropic}
_EVENTS = "text/event-stream"
_GONE = 499
"""Status of a request whose client went away, which only the log sees."""
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


def create_gateway(
    engines: Engines,
    settings: GatewaySettings,
    service_settings: ServiceSettings = ServiceSettings(),  # noqa: B008 - frozen
    protocol: str = "openai",
    client: httpx2.AsyncClient | None = None,
) -> FastAPI:
    """Build the gateway in front of `settings.upstream`; `client` is what it asks there.

    Raises DataError for a file of API keys that cannot be read, AuditError for an audit that cannot be written.
    """
    spoken = PROTOCOLS[protocol]()
    service = DetectionService(engines.detector, service_settings, engines.custom_rules)
    upstream = Upstream(settings, spoken, client or make_client(settings))
    masker = Masker(spoken, engines.tripwire, preamble=settings.preamble)
    gateway = _Gateway(settings, spoken, Outbound(settings, service, masker), upstream, masker)
    app = new_application(service, service_settings, upstream.client.aclose, _form(spoken))
    for route in spoken.routes:
        app.add_api_route(f"/v1{route.path}", gateway.masking(route), methods=["POST"], response_model=None)
    for path in spoken.readable:
        app.add_api_route(f"/v1{path}", gateway.read, methods=["GET"], response_model=None)
    app.add_api_route("/{path:path}", gateway.unknown, methods=_METHODS, response_model=None)
    return app


class _Gateway:
    """Answers requests."""

    def __init__(
        self, settings: GatewaySettings, protocol: LlmProtocol, outbound: Outbound, upstream: Upstream, masker: Masker
    ) -> None:
        self._settings, self._protocol, self._outbound = settings, protocol, outbound
        self._upstream, self._masker = upstream, masker

    def masking(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        """What answers the requests of `route`."""

        async def answer(request: Request) -> Response:
            try:
                return await _unless_gone(request, lambda: self._answer(request, route))
            except Refused as refused:
                return self._error(refused.status, refused.reason)

        return answer

    async def read(self, request: Request) -> Response:
        """Pass on a request without a body, and its answer as it is."""
        try:
            path = request.url.path.removeprefix("/v1")
            check_url(path, request.url.query)
            self._masker.check([path, request.url.query], self._settings.policy_of(tenant_of(request)))
            response = await self._upstream.send("GET", path, request.url.query, request.headers, None)
            return Response(await _content(response), response.status_code, returned_headers(response.headers.items()))
        except Refused as refused:
            return self._error(refused.status, refused.reason)

    async def unknown(self, request: Request) -> Response:
        """Refuse what could not be masked."""
        return self._error(
            404, "this gateway has no such route; base URLs end with /v1, and only what it can mask is passed on"
        )

    async def _answer(self, request: Request, route: Route) -> Response:
        body = await request.body()
        tenant = tenant_of(request)
        check_url(route.path, request.url.query)
        self._masker.check([request.url.query], self._settings.policy_of(tenant))
        masked = await anyio.to_thread.run_sync(self._outbound.masked, body, route, tenant)
        response = await self._upstream.send("POST", route.path, request.url.query, request.headers, masked.body)
        headers = returned_headers(response.headers.items())
        kind = response.headers.get("content-type", "").lower()
        if kind.startswith(_EVENTS):
            stream = self._events(response, masked)
            return StreamingResponse(stream, response.status_code, headers, media_type=kind)
        content = await _content(response)
        if not content or "json" not in kind:
            return Response(content, response.status_code, headers)
        try:
            text = restore_answer(content.decode("utf-8"), self._protocol, masked.replacement_map)
        except (UnicodeDecodeError, JsonError):
            raise Refused(502, "the provider's answer is not JSON") from None
        return Response(text.encode("utf-8"), response.status_code, headers)

    async def _events(self, response: httpx2.Response, masked: Masked) -> AsyncIterator[bytes]:
        reader, restorer = EventReader(), EventRestorer(self._protocol, masked.replacement_map)
        try:
            async for chunk in response.aiter_bytes():
                for event in reader.feed(chunk):
                    for restored in restorer.feed(event):
                        yield restored.encode()
            last = [restored for event in reader.close() for restored in restorer.feed(event)]
            for restored in [*last, *restorer.close()]:
                yield restored.encode()
        except (StreamError, httpx2.HTTPError) as error:
            reason = f"the provider sent {error}" if isinstance(error, StreamError) else "the provider broke off"
            yield self._last_event(reason)
        except Exception:  # whatever it is, the client is told
            yield self._last_event("the stream cannot be restored")
        finally:
            await response.aclose()

    def _last_event(self, reason: str) -> bytes:
        return f"event: error\ndata: {json.dumps(self._protocol.error(502, reason))}\n\n".encode()

    def _error(self, status: int, reason: str) -> Response:
        headers = {"Retry-After": "1"} if status == 503 else None
        return JSONResponse(self._protocol.error(status, reason), status, headers)


def _form(protocol: LlmProtocol) -> ErrorForm:
    """Errors as the clients of `protocol` read them."""

    def body(status: int, detail: Detail) -> Mapping[str, Any]:
        reason = detail if isinstance(detail, str) else "; ".join(str(fault["msg"]) for fault in detail)
        return protocol.error(status, reason)

    return body


async def _unless_gone(request: Request, work: Callable[[], Awaitable[Response]]) -> Response:
    """The result of `work`, which is stopped, and the provider with it, when the client goes away."""
    outcome: Response | Exception = Refused(_GONE, "the client went away")
    await request.body()  # what comes after it is that the client goes
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        group.start_soon(watch)
        try:
            outcome = await work()
        except Exception as error:  # a group of tasks would wrap it
            outcome = error
        group.cancel_scope.cancel()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def _content(response: httpx2.Response) -> bytes:
    """All of an answer's body. Raises Refused where it breaks off."""
    try:
        return await response.aread()
    except httpx2.TimeoutException:
        raise Refused(504, "the provider did not answer in time") from None
    except httpx2.HTTPError:
        raise Refused(502, "the provider broke off its answer") from None
    finally:
        await response.aclose()

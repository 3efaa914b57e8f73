"""The gateway as an application: a request is masked, sent on, and its answer restored."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio.to_thread
import httpx2
from fastapi import APIRouter, FastAPI, HTTPException, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Scope

from schemas.engine import Engine
from schemas.errors import InvalidTextError
from schemas.spans.prediction import Prediction
from schemas.taxonomy import parse_types
from serving.engines.custom_rules import CustomRules, CustomRulesError
from serving.engines.detection_options import DetectionOptions
from serving.gateway.answers import EventRestorer, restore_answer
from serving.gateway.audit import Audit, AuditError, shown_model
from serving.gateway.masking import Masked, Masker, Refused
from serving.gateway.memory import Memory
from serving.gateway.protocols.anthropic import Anthropic
from serving.gateway.protocols.openai import OpenAI
from serving.gateway.protocols.protocol import LlmProtocol, Route
from serving.gateway.settings import GatewaySettings, Policy
from serving.gateway.sse import EventReader, StreamError
from serving.gateway.upstream import Upstream, check_url, make_client, returned_headers
from serving.redaction.json_text import JsonError
from serving.service.batching import Overloaded
from serving.service.detection_service import DetectionService
from serving.service.error_handlers import add_error_handlers
from serving.service.middleware.access_log import AccessLog
from serving.service.middleware.auth import KEYS_UNREADABLE, ApiKeyAuth, KeyFile, RateLimit
from serving.service.middleware.body_limit import BodyLimit
from serving.service.middleware.load_shedding import LoadShedding
from serving.service.routes.information import add_information
from serving.service.settings import ServiceSettings

PROTOCOLS: dict[str, Callable[[], LlmProtocol]] = {"openai": OpenAI, "anthropic": Anthropic}
_EVENTS = "text/event-stream"
_BYTES_PER_CHARACTER = 12
_SLACK_BYTES = 1 << 22
"""Of a body, beside its characters: names, structure, pictures."""
_SPARE_THREADS = 8
_GONE = 499
"""Status of a request whose client went away, which only the log sees."""
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


@dataclass(frozen=True, slots=True)
class Engines:
    """What finds values, and what looks once more at a body before it leaves."""

    detector: Engine
    tripwire: Engine
    custom_rules: CustomRules = CustomRules()  # noqa: RUF009 - frozen


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
    gateway = _Gateway(
        settings, spoken, service, upstream, Masker(spoken, engines.tripwire, preamble=settings.preamble)
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await upstream.client.aclose()
        service.close()

    app = FastAPI(title="pii-sft gateway", openapi_url=None, redirect_slashes=False, lifespan=lifespan)
    keys = None if service_settings.api_keys is None else KeyFile(service_settings.api_keys)
    _add_middleware(app, service, service_settings, keys)
    information = APIRouter()
    add_information(information, service.metrics, lambda: KEYS_UNREADABLE if keys and not keys.readable else None)
    app.include_router(information)
    for route in spoken.routes:
        app.add_api_route(f"/v1{route.path}", gateway.masking(route), methods=["POST"], response_model=None)
    for path in spoken.readable:
        app.add_api_route(f"/v1{path}", gateway.read, methods=["GET"], response_model=None)
    app.add_api_route("/{path:path}", gateway.unknown, methods=_METHODS, response_model=None)
    return app


def _add_middleware(app: FastAPI, service: DetectionService, settings: ServiceSettings, keys: KeyFile | None) -> None:
    add_error_handlers(app)
    app.add_middleware(LoadShedding, limit=settings.in_flight, other_threads=_SPARE_THREADS, exempt=_has_no_body)
    limit = _BYTES_PER_CHARACTER * settings.max_characters + _SLACK_BYTES
    app.add_middleware(BodyLimit, limit=limit, exempt=_has_no_body)
    if keys is not None:
        app.add_middleware(ApiKeyAuth, keys=keys, rate=RateLimit(settings.rate))
    app.add_middleware(AccessLog, metrics=service.metrics)


def _has_no_body(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "GET")


class _Gateway:
    """Answers requests."""

    def __init__(
        self,
        settings: GatewaySettings,
        protocol: LlmProtocol,
        service: DetectionService,
        upstream: Upstream,
        masker: Masker,
    ) -> None:
        self._settings, self._protocol, self._service = settings, protocol, service
        self._upstream, self._masker = upstream, masker
        self._audit = Audit(settings.audit, settings.audit_bytes) if settings.audit else None
        self._memory = Memory(settings.secret, settings.remembered)

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
            self._masker.check([path, request.url.query], self._settings.policy_of(_key_name(request)))
            response = await self._upstream.send("GET", path, request.url.query, request.headers, None)
            return Response(await _content(response), response.status_code, returned_headers(response.headers.items()))
        except Refused as refused:
            return self._error(refused.status, refused.reason)

    async def unknown(self, request: Request) -> Response:
        """Refuse what could not be masked."""
        return self._error(404, "this gateway has no such route; it passes on only what it can mask")

    async def _answer(self, request: Request, route: Route) -> Response:
        body = await request.body()
        tenant = _key_name(request)
        check_url(route.path, request.url.query)
        self._masker.check([request.url.query], self._settings.policy_of(tenant))
        masked = await anyio.to_thread.run_sync(self._masked, body, route, tenant)
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

    def _masked(self, body: bytes, route: Route, tenant: str) -> Masked:
        """The body as it may leave; what cannot be masked raises Refused, and is told to the audit."""
        key = hmac.new(self._settings.secret, tenant.encode(), hashlib.sha256).digest()
        try:
            policy = self._settings.policy_of(tenant)
            masked = self._masker.mask(body, route, policy, lambda texts: self._find(texts, policy), key)
        except Refused as refused:
            self._note(route, tenant, b"", f"refused {refused.status}", {})
            raise
        except (InvalidTextError, UnicodeEncodeError):
            self._note(route, tenant, b"", "refused 400", {})
            raise Refused(400, "the body has lone surrogates") from None
        counts = {str(kind): number for kind, number in sorted(masked.counts.items())}
        self._note(route, tenant, masked.body.encode(), "sent", counts)
        return masked

    def _find(self, texts: Sequence[str], policy: Policy) -> list[Prediction]:
        types = parse_types([*policy.types, *policy.blocked])
        options = DetectionOptions(types, policy.min_score)
        try:
            return self._memory.find(
                texts, f"{types} {policy.min_score}", lambda new: self._service.detect(new, options)
            )
        except (Overloaded, CustomRulesError):
            raise Refused(503, "the detector is overloaded; nothing was sent") from None
        except (InvalidTextError, UnicodeEncodeError):
            raise Refused(400, "the body has lone surrogates") from None
        except HTTPException as error:
            raise Refused(error.status_code, f"{error.detail}; nothing was sent") from None
        except Exception:
            raise Refused(502, "the detector failed; nothing was sent") from None

    def _note(self, route: Route, tenant: str, body: bytes, decision: str, counts: dict[str, int]) -> None:
        if self._audit is None:
            return
        line = {"key": tenant, "route": route.path, "model": _model(body), "decision": decision, "counts": counts}
        digest = hmac.new(self._settings.secret, body, hashlib.sha256).hexdigest()
        try:
            self._audit.write({"event": "request", **line, "digest": digest})
        except AuditError:
            raise Refused(503, "the audit cannot be written; nothing was sent") from None

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


def _key_name(request: Request) -> str:
    """The name of the request's API key; of requests without one, nothing."""
    return str(getattr(request.state, "key_name", ""))


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


def _model(body: bytes) -> str:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return "other"
    return shown_model(parsed.get("model")) if isinstance(parsed, dict) else "other"

"""What goes out: values are found and masked by the policy of the API key, and the audit is told."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from fastapi import HTTPException

from schemas.errors import InvalidTextError
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType, parse_types
from serving.engines.custom_rules import CustomRulesError
from serving.engines.detection_options import DetectionOptions
from serving.gateway.audit import Audit, AuditError, shown_model
from serving.gateway.masking import Masked, Masker, Refused
from serving.gateway.memory import Memory
from serving.gateway.protocols.protocol import Route
from serving.gateway.settings import GatewaySettings, Policy
from serving.service.batching import Overloaded
from serving.service.detection_service import DetectionService

_HALVES = "the body has lone surrogates"


class Outbound:
    """Masks bodies of requests."""

    def __init__(self, settings: GatewaySettings, service: DetectionService, masker: Masker) -> None:
        """Find with `service`. Raises AuditError for an audit that cannot be written."""
        self._settings, self._service, self._masker = settings, service, masker
        self._audit = Audit(settings.audit, settings.audit_bytes) if settings.audit else None
        self._memory = Memory(settings.secret, settings.remembered)

    def masked(
        self, body: bytes, route: Route, tenant: str, check: Callable[[Masked], None] = lambda _: None
    ) -> Masked:
        """The body as it may leave, with stand-ins of `tenant`, the name of an API key; the audit is told first.

        Raises Refused for what may not leave, also by `check`, and where something fails.
        """
        key = hmac.new(self._settings.secret, tenant.encode(), hashlib.sha256).digest()
        try:
            policy = self._settings.policy_of(tenant)
            with self._service.metrics.masking.time():
                masked = self._masker.mask(body, route, policy, partial(self._find, policy), key)
            check(masked)
            leaving = masked.body.encode()
        except Refused as refused:
            self._note(route, tenant, body, f"refused {refused.status}", refused.counts)
            raise
        except (InvalidTextError, UnicodeEncodeError):
            self._note(route, tenant, body, "refused 400", {})
            raise Refused(400, _HALVES) from None
        except Exception:
            self._note(route, tenant, body, "failed 500", {})
            raise
        self._note(route, tenant, leaving, "sent", masked.counts)
        return masked

    def _find(self, policy: Policy, texts: Sequence[str], names: Sequence[str] = ()) -> list[Prediction]:
        types = parse_types([*policy.types, *policy.blocked])
        options = DetectionOptions(types, policy.min_score)

        def find(texts: Sequence[str], names: Sequence[str] = ()) -> list[Prediction]:
            return self._service.detect(texts, options, names=names)

        try:
            return self._memory.find(texts, names, f"{types} {policy.min_score}", find)
        except (Overloaded, CustomRulesError):
            raise Refused(503, "the detector is overloaded; nothing was sent") from None
        except (InvalidTextError, UnicodeEncodeError):
            raise Refused(400, _HALVES) from None
        except HTTPException as error:
            raise Refused(error.status_code, f"{error.detail}; nothing was sent") from None
        except Exception:
            raise Refused(502, "the detector failed; nothing was sent") from None

    def _note(self, route: Route, tenant: str, body: bytes, decision: str, found: Mapping[EntityType, int]) -> None:
        if self._audit is None:
            return
        counts = {str(kind): number for kind, number in sorted(found.items())}
        line = {"key": tenant, "route": route.path, "model": _model(body), "decision": decision, "counts": counts}
        digest = hmac.new(self._settings.secret, body, hashlib.sha256).hexdigest()
        try:
            self._audit.write({"event": "request", **line, "digest": digest})
        except AuditError:
            raise Refused(503, "the audit cannot be written; nothing was sent") from None


def _model(body: bytes) -> str:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return "other"
    return shown_model(parsed.get("model")) if isinstance(parsed, dict) else "other"

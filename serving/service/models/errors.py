"""Responses to requests that are refused or fail; none quotes the request."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


class Problem(BaseModel):
    """Why a request was refused or failed; never quotes the request."""

    detail: str


class Fault(BaseModel):
    """One fault of a request: its place, a message and pydantic's name for the kind of fault."""

    loc: list[str | int]
    msg: str
    type: str


class InvalidRequest(BaseModel):
    """All faults of a request; never quotes it."""

    detail: list[Fault]


Responses = Mapping[int | str, dict[str, Any]]
"""What a route may answer beside its result, by status, as FastAPI describes it."""

ERROR_RESPONSES: Responses = {
    413: {"model": Problem, "description": "More text than the limit"},
    422: {"model": InvalidRequest, "description": "Not a valid request"},
    500: {"model": Problem, "description": "Internal error"},
    503: {
        "model": Problem,
        "description": "Too much at once, or the model does not answer; Retry-After says when to come back",
    },
}

_FIELD_NAME = re.compile(r"(?!(?:\D*\d){5})[A-Za-z_][\w-]{0,39}", re.ASCII)


def shown_location(fault: Mapping[str, Any]) -> list[str | int]:
    """Where a fault of pydantic's is.

    Names that only the client can have chosen (of unknown fields, of keys) are left out unless they read like the name
    of a field: they could be anything, a value included.
    """
    return [part for part in fault["loc"] if isinstance(part, int) or _FIELD_NAME.fullmatch(part)]

"""JSON that is read from files: checked by pydantic, refused with file and JSON path."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.errors import DataError


class Model(BaseModel):
    """A JSON object with exactly these fields; nothing is converted."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


Read = TypeVar("Read", bound=Model)


def parse(model: type[Read], content: bytes | str, place: str) -> Read:
    """Return the JSON `content` as a `model`.

    Raises DataError with `place`, the JSON path of the first fault, and what is wrong there; it repeats no value.
    """
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise DataError(f"{place}: {_fault(error)}") from None


def _fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if fault["type"] == "json_invalid":
        return "not valid JSON"
    if fault["type"] == "extra_forbidden":
        return f"{_json_path(fault['loc'][:-1])}: holds a key that does not belong there"
    return f"{_json_path(fault['loc'])}: {fault['msg']}"


def _json_path(keys: tuple[int | str, ...]) -> str:
    """The keys as a JSONPath (RFC 9535): `$.detectors[0].spec`."""
    return "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)

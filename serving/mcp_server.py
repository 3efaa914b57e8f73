"""A server of the Model Context Protocol: an assistant's tools to detect, redact and restore.

https://modelcontextprotocol.io
"""

from collections.abc import Sequence
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from schemas.engine import Find
from schemas.errors import PiiSftError
from schemas.spans.prediction import Prediction
from serving.redaction import RedactionSession, redact_json, restore_json
from serving.redaction.json_text import is_structure

_INSTRUCTIONS = (
    "Finds personal data in Chinese and English text. Redact a text before you send it to anyone else, and restore "
    "what comes back. Whoever calls these tools has seen the text."
)
_MOST = 100_000
"""Characters of a text."""


class _Server(MCPServer[Any]):
    """Checks arguments itself: the messages of the library quote them."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        if set(arguments) != {"text"} or not isinstance(arguments["text"], str):
            raise ToolError("a tool takes one argument, text, which is a string")
        if len(arguments["text"]) > _MOST:
            raise ToolError(f"the text has more than {_MOST} characters; `pii-sft redact` takes files")
        return await super().call_tool(name, arguments, context)


def create_mcp_server(find: Find, secret: bytes, version: str) -> MCPServer[Any]:
    """Build a server whose stand-ins follow from the values under `secret`.

    It restores the stand-ins that it issued itself, and forgets them when it ends.
    """
    server = _Server("pii-sft", version=version, instructions=_INSTRUCTIONS, log_level="CRITICAL")
    session = RedactionSession("keyed", hash_key=secret, continues=True)

    @server.tool()
    def detect(text: str) -> dict[str, Any]:
        """Find personal data: the type, value, place and score of each. Places count characters from 0."""
        return {"entities": _searched(find, [text])[0].to_dict()["entities"]}

    @server.tool()
    def redact(text: str) -> dict[str, Any]:
        """Replace personal data by stand-ins such as [PERSON_NAME_kp3x9d]; equal values get equal ones.

        Of a text that is JSON the strings and numbers are read, and the result is JSON.
        """
        replaced = 0

        def find_counted(texts: Sequence[str], names: Sequence[str] = ()) -> list[Prediction]:
            nonlocal replaced
            predictions = _searched(find, texts, names)
            replaced += sum(len(one.entities) for one in predictions)
            return predictions

        if is_structure(text):
            return {"text": redact_json(text, find_counted, session), "replaced": replaced}
        (prediction,) = find_counted([text])
        return {"text": session.redact(text, prediction.entities).text, "replaced": replaced}

    @server.tool()
    def restore(text: str) -> dict[str, Any]:
        """Put the values back in the place of stand-ins that `redact` gave; says how many are not known."""
        if is_structure(text):
            restored, unknown = restore_json(text, session.replacement_map)
            return {"text": restored, "unknown": unknown}
        back = session.restore(text)
        return {"text": back.text, "unknown": back.unrestored}

    return server


def _searched(find: Find, texts: Sequence[str], names: Sequence[str] = ()) -> list[Prediction]:
    """What is in `texts`. Raises ToolError, which quotes nothing of them."""
    try:
        return find(texts, names)
    except PiiSftError as error:
        raise ToolError(str(error)) from None
    except Exception:
        raise ToolError("the detector failed; the text was not searched") from None

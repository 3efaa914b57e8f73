"""A server of the Model Context Protocol: an assistant's tools to detect, redact and restore.

https://modelcontextprotocol.io
"""

from collections.abc import Callable, Sequence
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from schemas.errors import PiiSftError
from schemas.spans.prediction import Prediction
from serving.redaction import RedactionSession

_INSTRUCTIONS = (
    "Finds personal data in Chinese and English text. Redact a text before you send it to anyone else, and restore "
    "what comes back. Whoever calls these tools has seen the text."
)
Find = Callable[[Sequence[str]], list[Prediction]]
"""Gives one prediction a text, in order."""


class _Server(MCPServer[Any]):
    """Checks arguments itself: the messages of the library quote them."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        if set(arguments) != {"text"} or not isinstance(arguments["text"], str):
            raise ToolError("a tool takes one argument, text, which is a string")
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
        return {"entities": _found(find, text).to_dict()["entities"]}

    @server.tool()
    def redact(text: str) -> dict[str, Any]:
        """Replace personal data by stand-ins such as [PERSON_NAME_kp3x9d]; equal values get equal ones."""
        redacted = session.redact(text, _found(find, text).entities)
        return {"text": redacted.text, "replaced": len(redacted.stand_ins)}

    @server.tool()
    def restore(text: str) -> dict[str, Any]:
        """Put the values back in the place of stand-ins that `redact` gave; says how many are not known."""
        restored = session.restore(text)
        return {"text": restored.text, "unknown": restored.unrestored}

    return server


def _found(find: Find, text: str) -> Prediction:
    """What is in `text`. Raises ToolError, which quotes nothing of it."""
    try:
        return find([text])[0]
    except PiiSftError as error:
        raise ToolError(str(error)) from None
    except Exception:
        raise ToolError("the detector failed; the text was not searched") from None

"""URLs of what is scanned, and how people may read them: user names, passwords and tokens may be in one."""

import re

_URL = re.compile("[A-Za-z][A-Za-z0-9+.-]+:")
_BEGINNING = re.compile("[^@?]*?://|[^:]*:/*")
"""The scheme, or several as in jdbc:postgresql://, and its slashes."""
_NO_PORT = re.compile(r"^([^/:]*):(?!\d*(/|$))[^/]*")
"""What stands where the host and its port should."""
_LINK = re.compile(r"[^:@?;&]+(?:://[^:@?;&]*)?::(?=(?:\w+::)*[A-Za-z][\w+.-]*://|/[^@?;&]*$)")
"""What stands before another URL or a path in a chain of fsspec, such as zip://a.csv::, and has no secret."""
_PLACES = ("host", "port", "unix_socket")
"""What the query of a URL may say that is no secret: where the server of a database is."""


def is_url(path: str) -> bool:
    """Whether `path` is a URL, such as s3://bucket/folder, instead of a file of this machine."""
    return "://" in path


def looks_like_url(path: str) -> bool:
    """Whether `path` begins as a URL does, though it may be none."""
    return bool(_URL.match(path))


def shown_url(path: str) -> str:
    """`path`; where it looks like a URL, without user and password, and of its query only where a server is.

    The same goes for all URLs of a chain. What is no proper URL is cut rather at too many places than at too few.
    """
    if not looks_like_url(path):
        return path
    if link := _LINK.match(path):
        return f"{link[0]}{shown_url(path[link.end() :])}"
    beginning = _BEGINNING.match(path)
    start = beginning.end() if beginning else 0
    _, mark, rest = path[start:].rpartition("@")
    place, *query = re.split("[?;&]", rest)
    kept = "&".join(pair for pair in query if pair.partition("=")[0] in _PLACES)
    shown = _NO_PORT.sub(r"\1:…", place, count=1)
    return f"{path[:start]}{mark and '…@'}{shown}{kept and '?'}{kept}"

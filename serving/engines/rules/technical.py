"""What machines write and nobody owns: netmasks, versions, ports, clocks, public keys, digests, git accounts."""

import re

from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType

_BEFORE = 100
_LONGEST_BLOCK = 8000
_NETMASK = re.compile(r"255\.255\.[0-9.]+|0\.0\.[0-9]+\.255")
_BROWSER = re.compile(
    "(?:chrome|chromium|crios|edg[ea]?|edgios|opr|opera|safari|firefox|fxios|webkit|vivaldi|messenger|browser|version)"
    r"/\Z|x-mailer: ?[a-z ./]{1,40}\Z",
    re.IGNORECASE,
)
"""What stands before a version in the name by which a browser or a mail program calls itself."""
_PINNED = re.compile(
    r"(?:[a-z]==[0-9]|pip3? |freeze|requirements).*\s(?![a-z_]*(?:ip|addr|host|src|dst))[a-z][a-z0-9_-]*==\Z"
    r"|[├└][─-]{1,2} ?(?:@[a-z0-9_.-]{1,40}/)?[a-z0-9_.-]{1,60}@\Z",
    re.IGNORECASE | re.DOTALL,
)
"""What stands before the version of a package that a list of requirements pins, or a tree of packages shows."""
_VERSION = re.compile(r"@[~^]?(?:v[0-9]+(?:\.[0-9]+){1,3}|[0-9]+\.[0-9]+(?:\.[0-9]+)?)(?![.0-9])")
_PORT = re.compile(r"@[A-Za-z0-9.-]{1,80}:\Z|(?:ssh|sftp|nc|run) [^|;]{0,30}-p ?\Z")
_MILLISECONDS = re.compile("1[0-9]{12}")
_BLOCK = "-----BEGIN "
_PUBLIC_BLOCK = re.compile(f"{_BLOCK}(?:[A-Z0-9]{{1,12}} ){{0,3}}(?:PUBLIC KEY|CERTIFICATE)")
_PUBLIC_LINE = re.compile(r"(?:ssh-(?:rsa|dss|ed25519)|ecdsa-[a-z0-9-]{1,24}) \Z")
_DIGEST = re.compile("(?:sha(?:1|256|384|512)|md5)[-:]", re.IGNORECASE)


def is_technical(text: str, entity: Entity) -> bool:
    """Whether the value of `entity` in folded `text` is one that machines write and nobody owns."""
    value = text[entity.start : entity.end]
    before = text[max(0, entity.start - _BEFORE) : entity.start]
    match entity.type:
        case EntityType.IP_ADDRESS:
            return bool(_NETMASK.fullmatch(value) or _BROWSER.search(before) or _PINNED.search(before))
        case EntityType.USERNAME:
            return bool(_VERSION.match(text, entity.end))
        case EntityType.PASSWORD:
            return value.strip("/").isdecimal() and bool(_PORT.search(before))
        case EntityType.PHONE_NUMBER:
            return bool(_MILLISECONDS.fullmatch(value))
        case EntityType.SECRET_KEY:
            return bool(_PUBLIC_LINE.search(before) or _DIGEST.match(value)) or _is_in_public_block(text, entity.start)
        case EntityType.EMAIL:
            return value.startswith("git@")
        case _:
            return False


def _is_in_public_block(text: str, position: int) -> bool:
    """Whether `position` is in a public key or certificate in PEM, or where one begins."""
    block = text.rfind(_BLOCK, max(0, position - _LONGEST_BLOCK), position + len(_BLOCK))
    return block >= 0 and bool(_PUBLIC_BLOCK.match(text, block)) and "-----END" not in text[block:position]

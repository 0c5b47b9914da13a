"""Keeps secrets out of every text that a person or a file may get to see.

Belongs here: what a secret looks like, whole, escaped or cut off. Does not belong here: which ones
are in use, which the caller knows.
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

SECRET_CHARACTERS_MIN = 6
END_CHARACTERS = 16
"""So many from either end of a long secret give it away: vendors echo tokens cut off."""
HIDDEN = "[hidden]"

_TOKEN = r"[A-Za-z0-9._~+/!=%-]"  # noqa: S105  an alphabet
_SHAPES = (
    re.compile(rf"(?i)\b((?:bearer|basic)\s+){_TOKEN}{{6,}}"),
    re.compile(
        r"(?i)([\"']?(?:access_token|refresh_token|client_secret|id_token|assertion|password"
        r"|authorization|token)[\"']?\s*[:=]\s*[\"']?)(?!(?:bearer|basic)\s)[^\s\"'&,;}]+"
    ),
    re.compile(r"(?i)(token expired:\s*)[^\s\"',;}]+"),
    re.compile(r"()\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*"),
    re.compile(r"()\bRT1-[A-Za-z0-9-]{4,}"),
    re.compile(r"()\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]+"),
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the given secrets and without anything that has the shape of one."""
    known = {form for secret in secrets for form in _forms(secret)}
    for secret in sorted(known, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
        if len(secret) >= 2 * END_CHARACTERS:
            first, last = re.escape(secret[:END_CHARACTERS]), re.escape(secret[-END_CHARACTERS:])
            text = re.sub(rf"{first}{_TOKEN}*|{_TOKEN}*{last}", HIDDEN, text)
    for shape in _SHAPES:
        text = shape.sub(rf"\1{HIDDEN}", text)
    return text


def _forms(secret: str) -> Iterable[str]:
    """The secret as it is and as it stands in an address, a form or JSON."""
    if len(secret) >= SECRET_CHARACTERS_MIN:
        yield from (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])

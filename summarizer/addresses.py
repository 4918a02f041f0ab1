"""Addresses as they may be shown: without what opens what they lead to."""

import re
from typing import Final

#: A scheme, maybe user name and password, host and path, maybe a query. Bounded, so that no text takes long.
_ADDRESS: Final = re.compile(r"([a-z][a-z0-9+.-]{0,30}://)([^\s/?#]*@)?([^\s?#]*)(\?[^\s#]*)?", re.IGNORECASE)
#: Parameters by whose names the stores of the large providers, and most servers, pass keys.
_NAMES: Final = "key|token|secret|sig|pass|pwd|auth|cred|session|jwt"
_SECRET: Final = re.compile(rf"([?&;][^=&;]{{0,60}}?(?:{_NAMES})[^=&;]{{0,60}}=)[^&;]*", re.IGNORECASE)


def hide_secrets(text: str) -> str:
    """Return a text in which addresses have no user names and passwords, and no values of parameters that are secret.

    :param text: Anything; a single address or a message with some in it.
    """
    return _ADDRESS.sub(_hide, text)


def _hide(match: re.Match[str]) -> str:
    scheme, _, place, query = match.groups("")
    return scheme + place + _SECRET.sub(r"\1…", query)

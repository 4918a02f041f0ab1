"""What every answer tells the browser to refuse."""

import re
import secrets
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256

#: Gradio lets any site read its answers where the server has a public name; none may.
_DROPPED = (b"access-control-", b"server")
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_POLICY = (
    "default-src 'self'; base-uri 'self'; object-src 'none'; form-action 'self'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self' data: blob:; "
    "worker-src 'self' blob:; manifest-src 'self'; style-src 'self' 'unsafe-inline'; "
    "script-src {scripts}; frame-ancestors {ancestors}"
)

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)

RawHeaders = list[tuple[bytes, bytes]]


class HeaderPolicy:
    """The headers of every answer.

    :param embed: Origins that may show the page in a frame.
    :param head: What Gradio adds to the page's head once it runs; the scripts in it are known by their digests.
    """

    def __init__(self, embed: Iterable[str] = (), head: str = "") -> None:
        self._ancestors = " ".join(("'self'", *embed))
        self._digests = "".join(f" 'sha256-{_digest(script)}'" for script in _SCRIPT.findall(head))

    def secure(self, headers: Iterable[tuple[bytes, bytes]], nonce: str = "") -> RawHeaders:
        """Return the headers of an answer, without those that open it to other sites and with those that close it.

        :param headers: As the application made them.
        :param nonce: The word that marks the scripts which the page itself brings; without one only files run.
        """
        kept = [(name, value) for name, value in headers if not name.lower().startswith(_DROPPED)]
        # Gradio makes functions of strings where its components are set up.
        scripts = f"'self' 'nonce-{nonce}'{self._digests} 'unsafe-eval'" if nonce else "'self'"
        policy = _POLICY.format(scripts=scripts, ancestors=self._ancestors)
        ours = {**_FIXED, "Content-Security-Policy": policy}
        return kept + [(name.lower().encode(), value.encode()) for name, value in ours.items()]


def make_nonce() -> str:
    """Return a word that nobody could guess."""
    return secrets.token_urlsafe(16)


def mark_scripts(page: bytes, nonce: str) -> bytes:
    """Mark the scripts of a page as its own.

    No article is part of the page that is sent: results arrive as data, and what would be a script in them has no mark.
    """
    return page.replace(b"<script", f'<script nonce="{nonce}"'.encode())


def _digest(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()

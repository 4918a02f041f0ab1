"""What went wrong on a server, in words, and the key to it, which is in none of them."""

import json
import logging
import os
from urllib.parse import urlsplit

from summarizer.addresses import hide_secrets

logger = logging.getLogger(__name__)

KEYRING_SERVICE = "news-summarizer"
#: Characters that are shown of what a server says.
MOST_SHOWN = 200


def find_key(address: str) -> str | None:
    """Return the key to a server, ``None`` for servers that need none.

    :param address: The server's address.
    :return: The environment variable ``OPENAI_API_KEY``, else the password that the system's keyring has for the
        service ``news-summarizer`` and the host's name, if the package ``keyring`` is installed.
    """
    key = os.environ.get("OPENAI_API_KEY")
    if key:
        return key
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(KEYRING_SERVICE, urlsplit(address).hostname or "")
    except KeyringError as error:
        logger.info("the keyring cannot be read: %s", error)
        return None
    return found


def show_address(address: str) -> str:
    """Return an address as it may be shown: without user name, password, query and fragment."""
    return hide_secrets(address.partition("#")[0].partition("?")[0]).rstrip("/")


def explain(error: Exception, model: str, address: str) -> str:
    """Return what an error of the client means and what can be done, as the end of a sentence.

    :param error: Any error that came up while a server was asked.
    :param model: The model's name on the server.
    :param address: The server's address.
    """
    import openai

    if isinstance(error, openai.APITimeoutError):
        return "it did not answer in time"
    if isinstance(error, openai.APIConnectionError):
        return "it cannot be reached; is it running, and is the address right?"
    if isinstance(error, openai.APIStatusError):
        return _explain_status(error.status_code, _quote(str(error), address), model, address)
    if isinstance(error, json.JSONDecodeError | openai.APIResponseValidationError):
        return "its answer is not whole JSON"
    return f"its answer cannot be read ({type(error).__name__})"


def _explain_status(status: int, said: str, model: str, address: str) -> str:
    host = urlsplit(address).hostname
    advice = {
        401: f"it refuses the key; set OPENAI_API_KEY, or run: keyring set {KEYRING_SERVICE} {host}",
        403: "the key may not be used for this",
        404: f"it has no model {model!r}, or the address is wrong (most end in /v1)",
        429: "too much was asked of it, or an account is used up; try again later",
    }
    return f"{advice.get(status, 'it reports an error')} (status {status}: {said})"


def _quote(text: str, address: str) -> str:
    """Return the beginning of what a server says as one line, without the key."""
    key = find_key(address)
    text = text.replace(key, "[key]") if key else text
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= MOST_SHOWN else line[:MOST_SHOWN] + "…"

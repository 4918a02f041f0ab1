"""What whoever serves the page can choose: limits of each request, and how the server stands in its network."""

from dataclasses import dataclass, field
from pathlib import Path

from summarizer.decoding import MAX_CHARACTERS
from summarizer.errors import InputTooLargeError
from summarizer.fetching import FetchSettings

#: A page that is slow may take less time than for a user who waits alone.
FETCH = FetchSettings(deadline=15.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may ask for.

    ``waiting`` is how many requests may wait for the model, ``timeout`` how many seconds one may take once it has its
    turn to be read, ``characters`` how long a text may be. Pages are fetched where ``fetch`` says how; with ``None``
    no address is visited.
    """

    waiting: int = 64
    timeout: float = 300.0
    characters: int = MAX_CHARACTERS
    fetch: FetchSettings | None = FETCH

    def check_text(self, text: str) -> None:
        """Check the length of a text.

        :raises InputTooLargeError: If it is too long.
        """
        if len(text) > self.characters:
            raise InputTooLargeError(
                f"The text has {len(text):,} characters; this server takes up to {self.characters:,}. "
                "Split it into articles."
            )


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the page is served, and to whom.

    :param host: Address to listen on; ``0.0.0.0`` for every one.
    :param port: Port to listen on; 0 for any that is free.
    :param open_browser: Whether to open the page in a browser window.
    :param root_path: Path below which a proxy serves the page, such as ``/news``.
    :param proxy: Whether a proxy stands in front, whose ``X-Forwarded-*`` headers are then believed.
    :param auth: File of users and hashes of passwords; everybody is let in without one.
    :param rate: Requests that each user (each address, without users) may make in a minute; 0 for any number.
    :param embed: Origins that may show the page in a frame.
    :param mcp: Whether to offer the functions as tools for language models (Model Context Protocol).
    :param grace: Seconds that requests in hand have left when the server is told to end.
    :param limits: What one request may ask for.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    open_browser: bool = False
    root_path: str = ""
    proxy: bool = False
    auth: Path | None = None
    rate: int = 0
    embed: tuple[str, ...] = ()
    mcp: bool = False
    grace: float = 30.0
    limits: Limits = field(default_factory=Limits)

    @property
    def behind_proxy(self) -> bool:
        """Whether headers say who asks."""
        return self.proxy or bool(self.root_path)


DEFAULT_SETTINGS = ServerSettings()

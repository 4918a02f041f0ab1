"""RSS and Atom feeds: each entry is an article, given in full or by its address."""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

from summarizer.batch.records import Row
from summarizer.batch.source_columns import NAMES
from summarizer.batch.source_extras import load_extra
from summarizer.batch.source_places import Place
from summarizer.batch.source_rows import number_rows
from summarizer.decoding import GZIP_MAGIC, MAX_BYTES, gunzip
from summarizer.errors import InputTooLargeError, UnreadableInputError
from summarizer.fetching import FetchSettings, fetch

#: Shorter content is taken for a teaser, and the page behind the link is the article; in characters.
_FULL_TEXT = 1000
_TAG = re.compile(r"<[^>]*>")
_COLUMNS = {name: name for name in NAMES}


class FeedSource:
    """The entries of a feed. They stay as they were when it was read: a feed changes by the hour.

    :param data: The feed.
    :param name: Where it comes from; links are relative to it where it is an address.
    :param charset: What the server says about its encoding.
    :raises UnreadableInputError: If it is not a feed.
    :raises BadOptionError: If feedparser is missing.
    """

    def __init__(self, data: bytes, name: str, charset: str | None = None) -> None:
        self.name = name
        self._digest = sha256(data).hexdigest()
        parser = load_extra("feedparser", "A feed")
        # A stream, for a string would be taken for an address to fetch. Markup stays as it is: pages are cleaned later.
        headers = {"content-type": f"application/xml; charset={charset}"} if charset else {}
        feed = parser.parse(BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
        if not feed.get("version"):
            raise UnreadableInputError(
                f"{name} is not an RSS or Atom feed. To read a page: summarizer summarize {name}"
            )
        self._entries = [_read_entry(entry, name) for entry in feed.entries]
        self.total: int | None = len(self._entries)

    @classmethod
    def from_file(cls, place: Place) -> "FeedSource":
        """Read a feed from a file, also compressed with gzip.

        :raises InputNotFoundError: If it cannot be opened.
        :raises InputTooLargeError: If it is above ``MAX_BYTES``.
        """
        with place.open() as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise InputTooLargeError(f"{place.name} is larger than {MAX_BYTES:,} bytes, which no feed is.")
        return cls(gunzip(data, MAX_BYTES) if data.startswith(GZIP_MAGIC) else data, place.name)

    @classmethod
    def from_url(cls, url: str, settings: FetchSettings) -> "FeedSource":
        """Fetch a feed.

        :raises FetchError: If it cannot be had.
        """
        page = fetch(url, settings=settings)
        return cls(page.data, page.url, page.charset)

    def fingerprint(self) -> str:
        """Return the digest of the feed as it was read."""
        return self._digest

    def rows(self, start: int = 0) -> Iterator[Row]:
        """Yield the entries from a place on."""
        return number_rows(self._entries, _COLUMNS, start)


def _read_entry(entry: Mapping[str, Any], base: str) -> dict[str, object]:
    """Return an entry as a row: the article if the feed has it in full, else its address, else what there is."""
    link = urljoin(base, entry["link"]) if entry.get("link") else None
    row = {"id": entry.get("id"), "title": _plain(entry.get("title")), "url": link}
    contents = [*entry.get("content", ()), entry.get("summary_detail") or {}]
    content = max(contents, key=lambda content: len(content.get("value", "")))
    markup = content.get("value", "")
    if len(_TAG.sub("", markup)) >= _FULL_TEXT or link is None:
        row["text" if content.get("type") == "text/plain" else "html"] = markup
    return {name: value for name, value in row.items() if value is not None}


def _plain(title: str | None) -> str | None:
    return " ".join(unescape(_TAG.sub("", title)).split()) if title else None

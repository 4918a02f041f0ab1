"""The article: what is left of a text, page or file once it has been decoded, cleaned and cut into sentences."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from typing_extensions import Self

from summarizer.cleaning import Cleaned, clean_text, keep_lines
from summarizer.cleaning.blocks import read_block
from summarizer.cleaning.guard import find_refusal
from summarizer.cleaning.restoring import put_back
from summarizer.cleaning.structure import classify_blocks
from summarizer.datamodels import Passage, Removed, Sentence
from summarizer.decoding import MAX_CHARACTERS, decode, normalize
from summarizer.errors import (
    BadOptionError,
    EmptyInputError,
    InputTooLargeError,
    NotAnArticleError,
    UnknownLanguageError,
)
from summarizer.extraction import Page, extract_page, looks_like_html
from summarizer.fetching import FetchSettings, fetch
from summarizer.languages import get_language, identify_page_language
from summarizer.reading import RawInput, read_file, read_row, read_stream
from summarizer.sentences import split_sentences

#: How much more than the extracted article the page has to show before that is read instead.
MUCH_LONGER = 2
_URL_ONLY = re.compile(r"\s*(?:https?|ftp|file)://\S+\s*")


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned article.

    ``text`` is NFC, one paragraph a line; ``sentences`` have offsets into it. ``original`` is the text before
    cleaning (for HTML: the text found in the page); ``removed`` has offsets into that one, and ``places`` says for each
    paragraph where it stood there. ``id`` is the one
    given, else a digest of the text. ``passages`` says of each line of the text what it is; ``dateline`` and
    ``agency`` are what stood at its head ("OSLO, March 3 (AP)").
    """

    text: str
    language: str
    sentences: tuple[Sentence, ...]
    title: str | None = None
    source: str | None = None
    author: str | None = None
    date: str | None = None
    site: str | None = None
    dateline: str | None = None
    agency: str | None = None
    passages: tuple[Passage, ...] = ()
    removed: tuple[Removed, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    original: str = ""
    id: str = ""

    @classmethod
    def from_text(
        cls,
        text: str,
        *,
        title: str | None = None,
        language: str | None = None,
        clean: bool = True,
        keep: Collection[str] = (),
        check: bool = True,
        source: str | None = None,
        id: str | None = None,  # noqa: A002
    ) -> Self:
        """Make an article of pasted text.

        :param text: The text as it was copied, with whatever came along.
        :param title: The headline, where it is known; else it is looked for.
        :param language: Code or name of the language, where it is known; else it is identified.
        :param clean: Whether to remove what is not the article.
        :param keep: Reasons (``summarizer.cleaning.REASONS``) for which nothing is to be removed.
        :param check: Whether to refuse pages that are no article.
        :param source: Where the text came from, for the record.
        :param id: A name for the article; by default a digest of its text.
        :return: The article.
        :raises EmptyInputError: If there is no text.
        :raises InputTooLargeError: If there are more than ``MAX_CHARACTERS`` characters.
        :raises NotAnArticleError: If ``check`` is on and the page is an error page, a wall, a list of links, ...
        :raises UnknownLanguageError: If the language cannot be told, or ``language`` means nothing.
        """
        _check_size(text)
        if _URL_ONLY.fullmatch(text):
            raise NotAnArticleError(
                "This is a web address, not an article: name it as the command's argument, or fetch it with "
                "Article.from_url.",
                "address",
            )
        page = normalize(text)
        if not page.strip():
            raise EmptyInputError("There is no text to read: the input is empty or only white space.")
        cleaned = clean_text(page, title=title, keep=keep) if clean else keep_lines(page, title)
        return cls._from_cleaned(cleaned, page, language=language, check=check, source=source, id=id or "")

    @classmethod
    def from_html(
        cls,
        html: str | bytes,
        *,
        url: str | None = None,
        language: str | None = None,
        clean: bool = True,
        keep: Collection[str] = (),
        check: bool = True,
        id: str | None = None,  # noqa: A002
    ) -> Self:
        """Make an article of a web page.

        :param html: The page; bytes are decoded as browsers do.
        :param url: Where the page came from; helps to find its date and site.
        :param language: See ``from_text``, as for the other parameters.
        :param clean: See ``from_text``.
        :param keep: See ``from_text``.
        :param check: See ``from_text``.
        :param id: See ``from_text``.
        :return: The article, with author, date and site where the page states them.
        :raises SummarizerError: As ``from_text``, and ``UnreadableInputError`` for pages that no parser stands.
        """
        page = extract_page(html, url)
        text = normalize(page.text)
        if not text.strip():
            raise NotAnArticleError("No article text was found in this page.", "no-text")
        text, cleaned = _clean_page(page, text, keep) if clean else (text, keep_lines(text, page.title))
        article = cls._from_cleaned(cleaned, text, language=language, check=check, source=url, id=id or "")
        return replace(article, author=page.author or article.author, date=page.date, site=page.site)

    @classmethod
    def from_url(cls, url: str, *, settings: FetchSettings | None = None, **options: Any) -> Self:
        """Fetch a page and make an article of it: the only constructor that uses the network.

        :param url: An http or https address in the public network.
        :param settings: Limits and guards; the defaults are right for untrusted addresses.
        :param options: As for ``from_html``.
        :return: The article, with the address it was finally read from as ``source``.
        :raises FetchRefusedError: If the address is one that this program does not visit.
        :raises FetchFailedError: If the page could not be had.
        """
        page = fetch(url, settings=settings or FetchSettings())
        text = decode(page.data, page.charset)
        if looks_like_html(text):
            return cls.from_html(text, url=page.url, **options)
        return cls.from_text(text, source=page.url, **options)

    @classmethod
    def from_file(cls, path: str | Path, **options: Any) -> Self:
        """Read a file: .txt, .md, .html, .pdf, .docx, .json, .jsonl of one row, or any of these with .gz.

        :param path: The file.
        :param options: As for ``from_text``.
        :return: The article.
        :raises InputNotFoundError: If there is no such file.
        :raises InputTooLargeError: If it is above ``MAX_BYTES``, compressed or not.
        :raises UnreadableInputError: If it is not text.
        """
        return cls._from_raw(read_file(Path(path)), **options)

    @classmethod
    def from_stream(cls, stream: BinaryIO, name: str = "standard input", **options: Any) -> Self:
        """Read a binary stream to its end, with the rules of ``from_file``."""
        return cls._from_raw(read_stream(stream, name), **options)

    @classmethod
    def from_row(cls, row: Mapping[str, object], **options: Any) -> Self:
        """Make an article of a row of a table: ``text`` or ``html``, and maybe ``id``, ``title``, ``lang``.

        :raises BadRowError: If the row has neither text nor HTML, or a value of the wrong type.
        """
        return cls._from_raw(read_row(row), **options)

    @classmethod
    def _from_raw(cls, raw: RawInput, **options: Any) -> Self:
        defaults = {"language": raw.language, "id": raw.id}
        options = {**{key: value for key, value in defaults.items() if value is not None}, **options}
        if raw.kind == "html":
            article = cls.from_html(raw.text, **options)
            return replace(article, source=raw.name)
        if raw.title is not None:
            options.setdefault("title", raw.title)
        return cls.from_text(raw.text, source=raw.name, **options)

    @classmethod
    def _from_cleaned(
        cls,
        cleaned: Cleaned,
        page: str,
        *,
        language: str | None,
        check: bool,
        source: str | None,
        id: str,  # noqa: A002
    ) -> Self:
        refusal = find_refusal(page, cleaned.text) if check else None
        if refusal is not None:
            raise NotAnArticleError(
                f"Not an article: {refusal.message}. Give the full text, or have this read all the same with "
                "--force (in Python: check=False).",
                refusal.reason,
            )
        if not cleaned.text:
            # Whoever switched the check off wants this text summarized, whatever it looks like.
            cleaned = keep_lines(page)
        text = cleaned.text
        code = get_language(language).code if language else _identify(text)
        return cls(
            text=text,
            language=code,
            sentences=split_sentences(text, code),
            title=cleaned.title,
            source=source,
            author=cleaned.author,
            dateline=cleaned.dateline,
            agency=cleaned.agency,
            passages=tuple(_find_passages(cleaned)),
            removed=cleaned.removed,
            places=cleaned.places,
            original=page,
            id=id or _digest(text),
        )

    def restore(self, *passages: Removed) -> Self:
        """Return the article with passages that were cleaned away back where they stood.

        :param passages: Some of ``removed``.
        :return: The article; its headline and language stay as they are.
        :raises BadOptionError: If a passage was not removed here, or the article has no ``original`` any more.
        """
        if not set(passages) <= set(self.removed) or len(self.places) != len(self.paragraphs):
            raise BadOptionError("Only passages of Article.removed can be restored, in the article as it was read.")
        paragraphs, places = put_back(self.original, self.paragraphs, self.places, self.removed, passages)
        kinds = classify_blocks([*map(read_block, paragraphs)])
        cleaned = Cleaned(self.title, tuple(paragraphs), kinds=tuple(kinds))
        return replace(
            self,
            text=cleaned.text,
            sentences=split_sentences(cleaned.text, self.language),
            passages=tuple(_find_passages(cleaned)),
            removed=tuple(passage for passage in self.removed if passage not in passages),
            places=tuple(places),
            id=_digest(cleaned.text) if self.id == _digest(self.text) else self.id,
        )

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The paragraphs of the text."""
        return tuple(self.text.split("\n"))

    def to_dict(self) -> dict[str, Any]:
        """Return the ``article`` object of the JSON result."""
        return {
            "title": self.title,
            "language": self.language,
            "text": self.text,
            "source": self.source,
            "author": self.author,
            "date": self.date,
            "site": self.site,
            "dateline": self.dateline,
            "agency": self.agency,
            "passages": [passage.to_dict() for passage in self.passages],
            "removed": [removal.to_dict() for removal in self.removed],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], id: str = "") -> Self:  # noqa: A002
        """Build the article from its JSON object; ``original`` is not part of that and stays empty."""
        return cls(
            text=data["text"],
            language=data["language"],
            sentences=split_sentences(data["text"], data["language"]),
            title=data["title"],
            source=data["source"],
            author=data["author"],
            date=data["date"],
            site=data["site"],
            dateline=data["dateline"],
            agency=data["agency"],
            passages=tuple(Passage.from_dict(passage) for passage in data["passages"]),
            removed=tuple(Removed.from_dict(removal) for removal in data["removed"]),
            id=id,
        )


def _check_size(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise InputTooLargeError(
            f"The text has {len(text):,} characters; up to {MAX_CHARACTERS:,} are read. Split it into articles."
        )


def _clean_page(page: Page, text: str, keep: Collection[str]) -> tuple[str, Cleaned]:
    """Clean what was found in a web page, or all that it shows where the article is there and was not found whole."""
    cleaned = clean_text(text, title=page.title, keep=keep, extracted=page.found)
    if page.visible is None:
        return text, cleaned
    visible = normalize(page.visible)
    seen = clean_text(visible, title=page.title, keep=keep)
    longer = len(seen.text) > MUCH_LONGER * len(cleaned.text) and find_refusal(visible, seen.text) is None
    return (visible, seen) if longer else (text, cleaned)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _find_passages(cleaned: Cleaned) -> Iterator[Passage]:
    start = 0
    for text, kind in zip(cleaned.paragraphs, cleaned.kinds, strict=True):
        yield Passage(kind, start, start + len(text))
        start += len(text) + 1


def _identify(text: str) -> str:
    found = identify_page_language([sentence.text for sentence in split_sentences(text)])
    if found.language is None:
        raise UnknownLanguageError(
            f"The language of this text cannot be told (best guess {found.confidence:.0%}); name it, for example with "
            "--language en."
        )
    return found.language

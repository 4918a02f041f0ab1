"""The article in a web page: its text, and what the page says about it.

trafilatura finds the text; what is done before and after makes up for what it was measured to miss: articles cut into
several containers, standfirsts, headlines that are repeated as text, and pages it takes too much or nothing from.
"""

import copy
import logging
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from summarizer.decoding import MAX_BYTES, MAX_CHARACTERS, declared_charset, decode
from summarizer.errors import InputTooLargeError
from summarizer.page_tree import (
    drop_boxes,
    drop_hidden,
    find_bodies,
    find_headlines,
    find_language,
    find_summaries,
    join_containers,
    longer_body,
    parse_page,
    visible_text,
    with_standfirst,
    without_headline,
)

logger = logging.getLogger(__name__)

#: Beyond these trafilatura takes seconds. Of 268 news pages none had more than 2,300 elements, or 112,000 characters in
#: their classes and ids.
_MAX_ELEMENTS = 15_000
_MAX_TAGS = 200_000
_MAX_NAME_CHARACTERS = 300_000
#: A text shorter than this may be a teaser or a notice that was taken for the article.
_SHORT = 1000
_MUCH_LONGER = 3

_TAG = re.compile(
    r"<(/?)(html|head|body|main|article|section|header|footer|nav|aside|div|p|span|a|b|i|u|em|strong|br|hr|h[1-6]|ul|ol|li|"
    r"blockquote|figure|figcaption|img|table|tr|td|th|tbody|script|style|meta|link|title|font|center|picture|video|iframe)"
    r"(?:\s[^<>]{0,5000})?/?>",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(
    r"\s*(?:<\?xml[^>]{0,500}>\s*|<!--(?:(?!-->).){0,5000}-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_VOID = frozenset({"br", "hr", "img", "meta", "link"})
_TAGS_OF_HTML = 3
_LOOKED_AT = 100_000
_NO_AUTHOR = re.compile(
    r"\d|https?:|\b(?:published|updated|posted|staff|monday|tuesday|wednesday|thursday|friday)\b", re.I
)
_NO_SITE = re.compile(r"copyright|©|版权|.{50}", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """What was found in a web page; ``text`` has one paragraph, heading or list item a line.

    ``text`` is not normalized yet and may be empty; where no article was found it is all the text a reader would see.
    ``visible`` is that text where the article found is so short that the page may have more of it.
    """

    text: str
    visible: str | None = None
    found: bool = True
    title: str | None = None
    author: str | None = None
    date: str | None = None
    site: str | None = None
    language: str | None = None


def looks_like_html(text: str) -> bool:
    """Tell HTML from text that only mentions it.

    :param text: The beginning of the text is enough.
    :return: Whether it is a page or a piece of one; ``a < b``, ``<3`` and a lone ``<p>`` are not.
    """
    if _DOCUMENT.match(text):
        return True
    opened: Counter[str] = Counter()
    complete = 0
    for tag in _TAG.finditer(text[:_LOOKED_AT]):
        name = tag[2].lower()
        opened[name] += not tag[1]
        complete += name in _VOID or (bool(tag[1]) and opened[name] > 0)
        if complete >= _TAGS_OF_HTML:
            return True
    # A piece that begins with a tag may be as short as one paragraph, or have left its paragraphs open.
    return _TAG.match(text.lstrip()) is not None and (complete > 0 or max(opened.values()) > 1)


def extract_page(html: str | bytes, url: str | None = None) -> Page:
    """Find the article in a web page.

    :param html: The page or a piece of one; bytes are decoded by what the page declares.
    :param url: Where it came from; helps to find date and site.
    :return: Text and metadata; what the page does not say is ``None``.
    :raises InputTooLargeError: If the page, or the text in it, is beyond the limits.
    :raises UnreadableInputError: If the bytes are not text or the elements are nested too deep.
    """
    if len(html) > MAX_BYTES:
        raise InputTooLargeError(f"The page is larger than {MAX_BYTES:,} bytes. Copy its text and pass that.")
    source = decode(html, declared_charset(html[:4096])) if isinstance(html, bytes) else html
    if source.count("<") > _MAX_TAGS:
        raise InputTooLargeError(f"The page has more than {_MAX_TAGS:,} tags. Copy its text and pass that.")
    tree = parse_page(source)
    if tree is None:
        return Page("")
    structured = _is_structured(tree)
    facts = _find_facts(tree, url) if structured else {}
    article = _find_article(tree, url) if structured else ""
    visible = visible_text(tree) if len(article) < _SHORT else None
    text = article or visible or ""
    if max(len(text), len(visible or "")) > MAX_CHARACTERS:
        raise InputTooLargeError(
            f"There are more than {MAX_CHARACTERS:,} characters of text in this page. Split it up."
        )
    return Page(text, visible if article else None, bool(article), language=find_language(tree), **facts)


def _is_structured(tree: Any) -> bool:
    """Tell whether the page is of a size that trafilatura is made for."""
    names = text = 0
    for elements, element in enumerate(tree.iter()):
        names += len(element.get("class", "")) + len(element.get("id", ""))
        text += len(element.tail or "") + (len(element.text or "") if element.tag not in ("script", "style") else 0)
        if elements >= _MAX_ELEMENTS or names > _MAX_NAME_CHARACTERS or text > MAX_CHARACTERS:
            logger.warning("The page is too large to look for the article in it: all its text is taken")
            return False
    return True


def _find_article(tree: Any, url: str | None) -> str:
    """Return the text of the article, or nothing if none was found."""
    from lxml import etree

    tree = copy.deepcopy(tree)
    bodies, headlines, summaries = list(find_bodies(tree)), find_headlines(tree), find_summaries(tree)
    # trafilatura believes embedded bodies without a look at the page, so that is done here.
    etree.strip_elements(tree, "script", "style", with_tail=False)
    page = copy.deepcopy(tree)
    drop_hidden(tree)
    drop_boxes(tree)
    join_containers(tree)
    text = _extract(tree, url, favor_precision=True)
    if len(text) < _SHORT:
        balanced = _extract(tree, url)
        text = balanced if len(balanced) > _MUCH_LONGER * len(text) else text
    text = longer_body(text, bodies, page) or text
    text = without_headline(text, headlines)
    return with_standfirst(text.strip(), summaries, page)


def _extract(tree: Any, url: str | None, *, favor_precision: bool = False) -> str:
    from trafilatura import bare_extraction

    try:
        document = bare_extraction(tree, url=url, include_comments=False, favor_precision=favor_precision)
    except Exception:
        # Whatever a strange page breaks in there, its visible text can still be had.
        logger.warning("The article could not be told from the rest of the page", exc_info=True)
        return ""
    return str(document.text or "") if document else ""


def _find_facts(tree: Any, url: str | None) -> dict[str, str | None]:
    """Return title, author, date and site where the page states them."""
    from trafilatura.metadata import extract_metadata

    # Extensive search would take any date in the text for the date of publication.
    dates = {"original_date": True, "extensive_search": False, "max_date": date.today().isoformat()}
    try:
        found = extract_metadata(tree, url, dates)
    except Exception:
        logger.warning("The metadata of the page could not be read", exc_info=True)
        return {}
    site = found.sitename if found.sitename and not _NO_SITE.search(found.sitename) else None
    authors = [name for name in (found.author or "").split("; ") if not _NO_AUTHOR.search(name)]
    own_name = (site or "").casefold()
    author = "; ".join(name for name in authors if name.casefold() not in own_name) or None
    title = found.title
    if title and site:
        title = re.sub(rf"\s+[|–—-]\s+{re.escape(site)}$", "", title, flags=re.IGNORECASE) or title
    return {"title": title, "author": author, "date": found.date, "site": site}

"""Work on the parsed tree of a web page, before and after the article is looked for in it."""

import copy
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from summarizer.errors import UnreadableInputError

_INLINE_TAG = re.compile(r"</?(?:font|span|b|i|u|em|strong|small|big|center|tt|a)\b[^<>]{0,5000}>", re.IGNORECASE)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BLOCKS = (
    *("address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt", "fieldset"),
    *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main"),
    *("nav", "ol", "p", "pre", "section", "summary", "table", "td", "th", "tr", "ul"),
)
_UNSEEN = ("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "select", "textarea", "head")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
#: How publishers name, in several languages, what they set beside a story.
_BOX = re.compile(
    r"fact-?box|faktabo|fakta\b|infobox|info-box|key-?facts|infokasten|caption|copyright|pull-?quote", re.IGNORECASE
)
#: A larger part of the page's text than this is no box, whatever it is called.
_MOST_OF_BOX = 0.3
_MAX_PARTS = 50
_NEAR = 5
_MAX_BODY = 300_000
_MAX_NOTICE = 500
_MAX_SCRIPT = 300_000


def parse_page(source: str) -> Any:
    """Parse a page.

    :param source: The decoded page.
    :return: The root of its tree, or ``None`` if there is nothing in it.
    :raises UnreadableInputError: If elements are nested deeper than any article needs.
    """
    from lxml.etree import ParserError
    from lxml.html import HTMLParser, document_fromstring

    # Old pages open a <font> for each paragraph and close none; without such elements they are not deep.
    for needless in (_NOT_XML, _INLINE_TAG):
        source = needless.sub("", source)
        parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
        try:
            tree = document_fromstring(source.encode("utf-8", "replace"), parser=parser)
        except ParserError:
            return None
        # Below a depth of 255 the parser leaves everything out, and says so nowhere else.
        if not any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
            return _without_huge_scripts(tree)
    raise UnreadableInputError("The elements of this page are nested too deep. Copy its text and pass that.")


def _without_huge_scripts(tree: Any) -> Any:
    """Empty scripts that are too long to be about one article; reading them takes a hundred times their size."""
    for script in tree.iter("script"):
        if len(script.text or "") > _MAX_SCRIPT:
            script.text = None
    return tree


def visible_text(tree: Any) -> str:
    """Return all text of a page that a reader would see, one block a line.

    :param tree: The parsed page, which stays as it is.
    :return: The text, without empty lines.
    """
    from lxml import etree

    tree = copy.deepcopy(tree)
    etree.strip_elements(tree, *_UNSEEN, with_tail=False)
    drop_hidden(tree)
    for element in tree.iter(*_BLOCKS):
        element.text = "\n" + (element.text or "")
        element.tail = "\n" + (element.tail or "")
    lines = (squeeze(line) for line in tree.text_content().split("\n"))
    return "\n".join(line for line in lines if line)


def drop_hidden(tree: Any) -> None:
    """Drop what the page itself says is not to be seen."""
    for element in tree.xpath('//*[@hidden or contains(@style, "display:none") or contains(@style, "display: none")]'):
        if element.getparent() is not None:
            element.drop_tree()


def drop_boxes(tree: Any) -> None:
    """Drop what the page itself names as set beside the story: fact boxes, pulled quotations, captions of pictures.

    Where such an element holds much of the page, as one that was never closed does, all of them stay.
    """
    boxes = [
        element
        for element in tree.xpath("//body//*[@class or @id]")
        if element.tag not in ("article", "main") and _BOX.search(f"{element.get('class', '')} {element.get('id', '')}")
    ]
    most = _MOST_OF_BOX * len(tree.text_content())
    if all(len(element.text_content()) < most for element in boxes):
        for element in boxes:
            if element.getparent() is not None:
                element.drop_tree()


def join_containers(tree: Any) -> None:
    """Put the parts of an article together that advertisements were put between.

    trafilatura takes the best container only. Parts have the same tag and class and a close common ancestor.
    """
    groups: dict[tuple[str, str], dict[Any, int]] = defaultdict(dict)
    for paragraph in tree.iter("p"):
        parent = paragraph.getparent()
        length = len(paragraph.text_content())
        if length >= 80 and parent is not None and parent.get("class"):
            group = groups[parent.tag, parent.get("class")]
            group[parent] = group.get(parent, 0) + length
    if not groups:
        return
    first, *others = max(groups.values(), key=lambda group: sum(group.values()))
    if others and "comment" not in first.get("class").lower() and _are_parts(first, others):
        for other in others:
            first.extend(list(other))


def _are_parts(first: Any, others: list[Any]) -> bool:
    """Tell whether containers are parts of one article rather than a list of several."""
    if len(others) > _MAX_PARTS or any(first in other.iterancestors() for other in others):
        return False
    shared = list(islice(first.iterancestors(), _NEAR))
    for other in others:
        near = list(islice(other.iterancestors(), _NEAR))
        shared = [element for element in shared if element in near]
    if not shared or shared[0].find(".//article") is not None:
        return False
    return any(element.tag in ("article", "main") for element in (shared[0], *shared[0].iterancestors()))


def find_bodies(tree: Any) -> Iterator[str]:
    """Yield the article texts that a page carries for search engines."""
    for script in tree.iterfind('.//script[@type="application/ld+json"]'):
        if "articleBody" not in (script.text or ""):
            continue
        try:
            nodes = [json.loads(script.text, strict=False)]
        except (ValueError, RecursionError):
            continue
        while nodes:
            node = nodes.pop()
            if isinstance(node, dict):
                if isinstance(body := node.get("articleBody"), str):
                    yield body
                nodes.extend(value for value in node.values() if isinstance(value, dict | list))
            elif isinstance(node, list):
                nodes.extend(node)


def longer_body(text: str, bodies: list[str], page: Any) -> str | None:
    """Return the embedded article where it is much longer than what was found, and no other than what the page shows.

    A page that shows next to nothing is one that scripts fill: there the embedded article is all there is.
    """
    body = max((body for body in bodies if len(body) <= _MAX_BODY), key=len, default="")
    if len(body) <= 2 * len(text):
        return None
    letters, seen = only_letters(body), visible_text(page)
    if len(seen) < min(_MAX_NOTICE, len(body) // 4):
        return "\n".join(line for line in map(squeeze, body.split("\n")) if line)
    lines = [line for line in seen.split("\n") if len(line) > 20 and only_letters(line) in letters]
    shown = "\n".join(lines)
    return shown if 2 * len(only_letters(shown)) > len(letters) and len(shown) > len(text) else None


def find_headlines(tree: Any) -> list[str]:
    """Return the letters of all that the page calls its headline."""
    found = [element.text_content() for element in tree.iter("h1", "title")]
    found += tree.xpath('//meta[@property="og:title" or @name="title" or @name="twitter:title"]/@content')
    return [letters for letters in map(only_letters, found) if letters]


def without_headline(text: str, headlines: list[str]) -> str:
    """Drop the headline from the first lines of the text; the page has it as its title."""
    lines = text.split("\n")
    head = [line for line in lines[:4] if not _repeats(only_letters(line), headlines)]
    return "\n".join(head + lines[4:])


def _repeats(letters: str, headlines: list[str]) -> bool:
    return any(letters == headline or (len(letters) > 20 and letters in headline) for headline in headlines)


def find_summaries(tree: Any) -> list[str]:
    """Return the letters of the descriptions that the page gives of itself."""
    names = '@name="description" or @property="og:description" or @name="twitter:description"'
    found = (only_letters(content) for content in tree.xpath(f"//meta[{names}]/@content"))
    return [letters for letters in found if len(letters) > 40]


def with_standfirst(text: str, summaries: list[str], page: Any) -> str:
    """Put the standfirst before the text: what the page shows and also gives as its description."""
    start = only_letters(text[:3000])
    if not text or any(summary[:50] in start for summary in summaries):
        return text
    for element in page.iter("p", "div", "span", "h2", "h3", "strong", "em"):
        begin = only_letters((element.text or "")[:100])
        if len(begin) < 20:
            continue
        for summary in summaries:
            if summary.startswith(begin[:40]) and (found := _standfirst(element, summary)):
                return found + "\n" + text
    return text


def _standfirst(element: Any, summary: str) -> str | None:
    """Return the text of the element if it is the summary and hardly more."""
    found = squeeze(element.text_content())
    letters = only_letters(found)
    return found if letters.startswith(summary) and len(letters) < 1.5 * len(summary) + 20 else None


def find_language(tree: Any) -> str | None:
    """Return the language that the page declares, as a code with hyphens."""
    declared = [tree.get("lang"), tree.get("{http://www.w3.org/XML/1998/namespace}lang"), tree.get("xml:lang")]
    declared += tree.xpath('//meta[@http-equiv="content-language" or @property="og:locale"]/@content')
    codes = (code.strip().replace("_", "-") for code in declared if code)
    return next((code for code in codes if _LANGUAGE.fullmatch(code)), None)


def only_letters(text: str) -> str:
    """Return letters and digits only, to compare texts that differ in spaces and marks."""
    return re.sub(r"[\W_]+", "", text).lower()


def squeeze(text: str) -> str:
    """Return the text with single spaces only, and none around it."""
    return " ".join(text.split())

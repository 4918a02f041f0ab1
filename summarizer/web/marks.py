"""Places for texts in what is built once for everybody: labels, choices, headings. Each answer fills them."""

import re
from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import quote, unquote

from summarizer.web.wording import Wording

#: Marks that stand for the code of the page's language, and for the tab that its address names.
LANGUAGE, TAB = "@@language@@", "@@tab@@"

_MARK = re.compile(r"@@(!?)([a-z_.-]+)((?:;[a-z]+=[^;@\s]*)*)@@")


def mark(key: str, **values: str | int) -> str:
    """Return a mark that becomes a text of the catalogue when the page is sent.

    It stands in any string of a component, in whole or in part: label, placeholder, choice.

    :param key: Key of the text.
    :param values: Values for its places.
    """
    return f"@@{_pack(key, values)}@@"


def mark_html(key: str, **values: str | int) -> str:
    """Return a mark that stands in markup, where the text is escaped."""
    return f"@@!{_pack(key, values)}@@"


def fill_marks(text: str, wording: Wording, tab: str = "", form: Callable[[str], str] = str) -> str:
    """Return a text with its marks replaced; what only looks like a mark stays.

    :param text: Any text.
    :param wording: The language of the page.
    :param tab: The tab that stands open.
    :param form: Made of each text that is put in.
    """
    own = {LANGUAGE: wording.language, TAB: tab}

    def replace(found: re.Match[str]) -> str:
        in_markup, key, packed = found.groups()
        if found[0] in own:
            return form(own[found[0]])
        if not wording.has(key):
            return found[0]
        pairs = (pair.partition("=") for pair in packed.split(";") if pair)
        filled = wording.text(key, **{name: _read_value(value) for name, _, value in pairs})
        return form(escape(filled) if in_markup else filled)

    return _MARK.sub(replace, text)


def _pack(key: str, values: Mapping[str, str | int]) -> str:
    return ";".join([key, *(f"{name}={quote(str(value), safe='')}" for name, value in values.items())])


def _read_value(value: str) -> str | int:
    return int(value) if value.isascii() and value.isdigit() else unquote(value)

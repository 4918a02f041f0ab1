"""Which column of an input is which: as the user says, else by its usual name."""

from collections.abc import Mapping, Sequence

from summarizer.errors import BadOptionError

#: Our names; a row needs one of the first three.
CONTENT = ("text", "html", "url")
NAMES = (*CONTENT, "title", "lang", "id")
#: What else they are called, where nothing has the name itself.
USUAL_NAMES = {
    "text": ("content", "body", "article", "document", "maintext", "fulltext"),
    "html": ("raw_html", "page_html"),
    "url": ("link", "uri"),
    "title": ("headline",),
    "lang": ("language", "language_code"),
    "id": ("article_id", "guid", "uuid", "_id"),
}

#: The user's column for each of our names.
Columns = Mapping[str, str]


def match_columns(present: Sequence[str], wanted: Columns | None, name: str) -> dict[str, str]:
    """Find the columns that are read.

    Where the user names a column that holds the article, no other is looked for.

    :param present: The columns that there are.
    :param wanted: Columns that the user named, by our names.
    :param name: What the input is called, for messages.
    :return: The column for each of our names that has one.
    :raises BadOptionError: If the user named what does not exist, or nothing holds the article, or two columns could be
        meant.
    """
    matched = _check_wanted(present, wanted or {}, name)
    left = [column for column in present if column not in matched.values()]
    has_content = any(ours in matched for ours in CONTENT)
    for ours in NAMES:
        if ours in matched or (has_content and ours in CONTENT):
            continue
        if (column := _find_column(left, ours, name)) is not None:
            matched[ours] = column
    if not any(ours in matched for ours in CONTENT):
        raise BadOptionError(
            f"None of the columns of {name} is known to hold the article. Say which one does with --text-column "
            f"(or --html-column, --url-column); there are: {_list(present)}."
        )
    for ours, column in matched.items():
        if present.count(column) > 1:
            raise BadOptionError(f"{name} has several columns {column!r}, read as {ours!r}. Rename all but one.")
    return matched


def _check_wanted(present: Sequence[str], wanted: Columns, name: str) -> dict[str, str]:
    for ours, column in wanted.items():
        if ours not in NAMES:
            raise BadOptionError(f"There is no {ours!r} to read from a column; there are: {', '.join(NAMES)}.")
        if column not in present:
            raise BadOptionError(f"{name} has no column {column!r} (--{ours}-column); there are: {_list(present)}.")
    return dict(wanted)


def _find_column(present: Sequence[str], ours: str, name: str) -> str | None:
    if ours in present:
        return ours
    for names in ((ours,), USUAL_NAMES[ours]):
        found = [column for column in present if column.strip().lower() in names]
        if len(found) > 1:
            raise BadOptionError(
                f"Several columns of {name} could be the {ours!r}: {_list(found)}. Say which with --{ours}-column."
            )
        if found:
            return found[0]
    return None


def _list(columns: Sequence[str]) -> str:
    shown = ", ".join(repr(column[:50]) for column in columns[:30])
    return f"{shown} and {len(columns) - 30} more" if len(columns) > 30 else shown or "none"

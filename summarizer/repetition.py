"""Loops: a run of words, or of characters, that comes again and again without a break."""

from summarizer.tokens import WORD, is_unspaced

_LONGEST = 12


def find_loop(text: str) -> tuple[int, int] | None:
    """Return the span of the repeats in a text that got stuck, the first occurrence left out.

    A word counts when it comes four times in a row, a longer run when it comes three times.

    :param text: Text in any script; in scripts without spaces, runs of two characters and more are looked for.
    :return: The span, or ``None`` where nothing loops.
    """
    unspaced = is_unspaced(text)
    if unspaced:
        units = [(i, i + 1) for i, character in enumerate(text) if not character.isspace()]
    else:
        units = [match.span() for match in WORD.finditer(text)]
    words = [text[start:end].casefold() for start, end in units]
    for length in range(2 if unspaced else 1, _LONGEST + 1):
        needed = 3 if length == 1 or unspaced else 2
        run = 0
        for index in range(length, len(words)):
            run = run + 1 if words[index] == words[index - length] and not words[index].isdigit() else 0
            if run >= needed * length:
                first = index - run + 1
                return units[first][0], units[_loop_end(words, index, length)][1]
    return None


def _loop_end(words: list[str], index: int, length: int) -> int:
    while index + 1 < len(words) and words[index + 1] == words[index + 1 - length]:
        index += 1
    return index

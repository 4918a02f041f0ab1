"""Telling pages that are no article: what is left after cleaning, seen beside what was on the page."""

import re
from dataclasses import dataclass

from summarizer.cleaning.blocks import TERMINALS, Block, split_blocks
from summarizer.tokens import find_words, is_unspaced

#: Amounts of writing, in letters of an alphabet (see ``Block.letters``).
SHORT = 130
OFFER = 200
ERROR = 260
STUB = 280
TEASER = 340
NOTICE = 800
HEADLINES = 380
LONG_NOTICE = 2500
#: Characters without the end of a sentence or of a line from which a text has no sentences to choose from.
LONGEST_SENTENCE = 6_000
#: Part of the visible characters that are letters even in a table of results.
LETTER_SHARE = 0.45
#: Characters without a space from which a word is none.
LONGEST_WORD = 400
LINKS = 8
#: A page of links leaves less than this share of its writing as a story.
LINK_PAGE_SHARE = 0.3
#: The same where none of it is running text.
HEADLINE_PAGE_SHARE = 0.5
#: Part of the blocks of a notice that speak of its matter.
NOTICE_SHARE = 0.3

MESSAGES = {
    "not-language": "this is not running text of any language (it looks like data, code or symbols)",
    "no-sentences": "this runs on for thousands of characters without the end of a sentence",
    "error-page": "this is an error page, not an article",
    "cookie-wall": "this is a cookie or consent notice, not an article",
    "login": "this is a login or security check, not an article",
    "paywall": "this is only the teaser of an article behind a paywall",
    "video-only": "this page holds a video and no text",
    "link-list": "this is a list of links or headlines, not an article",
    "too-short": "this is too short to be an article",
}
#: Which phrases say that a page with little text on it is what, in the order of asking.
_WALLS = (("login", "login"), ("cookie", "cookie-wall"), ("video", "video-only"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a page is not an article: a stable keyword and a sentence for people."""

    reason: str
    message: str


def find_refusal(page: str, story: str) -> Refusal | None:
    """Say why a page is no article, or return ``None`` for an article.

    :param page: The page as it was given.
    :param story: What cleaning left of it, headline left out.
    """
    reason = _find_reason(page, story)
    return None if reason is None else Refusal(reason, MESSAGES[reason])


def _find_reason(page: str, story: str) -> str | None:
    if not _is_language(page) or (story and not _is_language(story)):
        return "not-language"
    if _runs_on(story):
        return "no-sentences"
    blocks = split_blocks(page)
    kept = split_blocks(story)
    amount = sum(block.letters for block in kept)
    return _find_wall(blocks, kept, amount) or _find_stub(blocks, kept, amount)


def _find_wall(blocks: list[Block], kept: list[Block], amount: float) -> str | None:
    """Return what stands in place of an article, where there is little text and the page speaks of something else."""
    if amount < TEASER and _count(blocks, kept, "paywall") >= (1 if amount < OFFER else 2):
        return "paywall"
    if amount < ERROR and _count(blocks, kept, "error"):
        return "error-page"
    if amount < STUB:
        wall = next((reason for phrase, reason in _WALLS if _count(blocks, kept, phrase) >= 2), None)
        if wall and (wall != "video-only" or amount < OFFER):
            return wall
    if amount < NOTICE and _is_notice(blocks, "login"):
        return "login"
    return "cookie-wall" if amount < LONG_NOTICE and _is_notice(blocks, "cookie") else None


def _find_stub(blocks: list[Block], kept: list[Block], amount: float) -> str | None:
    """Tell a page of links and a text too short by what cleaning left of it."""
    running = sum(block.letters for block in kept if block.is_paragraph)
    labels = sum(not block.is_paragraph and not block.ends_sentence for block in blocks)
    share = amount / max(1.0, sum(block.letters for block in blocks))
    if labels >= LINKS and running < SHORT and amount < STUB and share < LINK_PAGE_SHARE:
        return "link-list"
    if labels >= LINKS and not running and amount < HEADLINES and share < HEADLINE_PAGE_SHARE:
        return "link-list"
    return "too-short" if amount < SHORT else None


def _count(blocks: list[Block], kept: list[Block], reason: str) -> int:
    """Count the blocks that speak of it, outside the story or in a story that is about nothing else."""
    story = {block.text for block in kept if block.letters >= SHORT and not block.phrases.mention(reason)}
    return sum(block.text not in story and block.phrases.mention(reason) for block in blocks)


def _is_notice(blocks: list[Block], reason: str) -> bool:
    """Tell a notice with its buttons from an article on the same matter: it has labels, and hardly another subject."""
    speaking = [block for block in blocks if block.phrases.mention(reason)]
    buttons = sum(not block.is_sentence and block.phrases.match(reason) for block in speaking)
    return buttons >= 2 and len(speaking) >= 4 and len(speaking) >= NOTICE_SHARE * len(blocks)


def _is_language(text: str) -> bool:
    """Tell writing from symbols, code, tables of numbers and endless repetition."""
    visible = re.sub(r"\s", "", text)
    letters = sum(character.isalpha() or _is_mark(character) for character in visible)
    if letters < LETTER_SHARE * len(visible):
        return False
    words = find_words(text)
    if any(len(word) > LONGEST_WORD and not is_unspaced(word) for word in words):
        return False
    if len(words) >= 40 and len({word.casefold() for word in words}) < 0.02 * len(words) + 5:
        return False
    code = len(re.findall(r"[{};=<>]|\(\)|=>|::|\\x", text))
    mixed = len(re.findall(r"\b(?=\w*\d)(?=\w*[a-zA-Z])\w{12,}\b", text))
    return code < max(6, 0.12 * len(words)) and mixed < max(3, 0.2 * len(words))


def _runs_on(text: str) -> bool:
    """Whether some line goes on without the end of a sentence; Thai and its like have no mark for that."""
    runs = re.split(f"[\n{re.escape(TERMINALS)}]", text)
    return any(len(run) > LONGEST_SENTENCE and not is_unspaced(run) for run in runs)


def _is_mark(character: str) -> bool:
    """Vowel signs and tone marks: not letters by category, yet a third of Hindi, Tamil or Thai."""
    return "\u0300" <= character <= "\u036f" or "\u0900" <= character <= "\u1aff"

"""Plain sentences from what chat models answer: without their thoughts, courtesies, Markdown and remarks."""

import re
import unicodedata
from functools import cache
from importlib.resources import files

from summarizer.sentences import split_sentences
from summarizer.tokens import DENSE, UNSPACED

#: Longer answers have run away.
MOST_CHARACTERS = 50_000

# Where models begin and end to think aloud: most of them, Mistral, Gemma 4, gpt-oss.
_THOUGHT_NAMES = "think|thinking|thought|thoughts|reason|reasoning|reflection|analysis|scratchpad"
_THOUGHT = re.compile(
    rf"(?P<opens><(?:{_THOUGHT_NAMES})>|\[THINK\]|<\|channel>|<\|channel\|>\s*(?:analysis|commentary))"
    rf"|(?P<closes></(?:{_THOUGHT_NAMES})>|\[/THINK\]|<channel\|>|<\|channel\|>\s*final\s*<\|message\|>)",
    re.IGNORECASE,
)
_CONTROL = re.compile(
    r"<\|[^<>\s]{0,40}>|<[a-z_]{1,20}\|>|</?s>|</?(?:bos|eos|pad|unk|start_of_turn|end_of_turn)>", re.IGNORECASE
)

# All of these are for lines without space around them.
_FENCE = re.compile(r"(?:```|~~~)\s*[\w-]*")
_RULE = re.compile(r"(?:[-*_=]\s*){3,}")
_HEADING = re.compile(r"#{1,6}\s+")
_BULLET = re.compile(r"(?:>\s*)*(?:[-*+•‣▪·–]\s+)?")
_NUMBER = re.compile(r"\**(\d{1,3})\s*[.)。．、:：]\**\s*")
# Of single asterisks only those at the edge of a word: "5*3" stays.
_EMPHASIS = re.compile(r"\*\*|__|`|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])")
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\((?:https?:)[^()\s]{1,500}\)")

_QUOTATION_MARKS = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", "‘": "’", "'": "'"}
_SENTENCE_END = re.compile(r"[.!?…。！？।॥؟۔።።၊။៕]['\"”’»«)\]」』]*$")


def clean_answer(text: str, language: str, most: int, *, finished: bool = True) -> list[str]:
    """Return the sentences of a summary as a model answered it.

    :param text: The answer.
    :param language: BCP-47 code of its language.
    :param most: The most sentences that are wanted.
    :param finished: Whether the model came to its end; a sentence that was cut off is left out.
    """
    cleaned = clean_text(text)
    sentences = [sentence.text for sentence in split_sentences(cleaned, language)]
    if sentences and not finished and not _SENTENCE_END.search(sentences[-1]):
        sentences.pop()
    return [sentence for sentence in sentences if any(map(str.isalnum, sentence))][:most]


def clean_text(text: str) -> str:
    """Return an answer as plain text; cleaning what is clean changes nothing."""
    text, before = text[:MOST_CHARACTERS], None
    # What is taken out may have hidden a tag: "<th**ink>".
    while text != before:
        before = text
        text = unicodedata.normalize("NFC", _unquote(_drop_talk(_drop_markdown(drop_thoughts(text)))))
    return text


def drop_thoughts(text: str) -> str:
    """Return an answer without what the model thought aloud and without its control tokens."""
    while _THOUGHT.search(text) or _CONTROL.search(text):
        kept: list[str] = []
        thinking, start = False, 0
        for mark in _THOUGHT.finditer(text):
            if mark["closes"] and not thinking:
                kept.clear()  # the template had opened the thought
            elif not thinking:
                kept.append(text[start : mark.start()])
            thinking, start = mark["opens"] is not None, mark.end()
        text = _CONTROL.sub("", "".join(kept) + ("" if thinking else text[start:]))
    return text


def parse_numbered(text: str, count: int) -> list[str] | None:
    """Read numbered lines.

    :param text: An answer that should have the lines 1 to ``count``, each with text.
    :param count: How many lines there should be.
    :return: Their texts, or ``None`` if a line is missing, empty, out of order or one too many.
    """
    lines = _split_lines(drop_thoughts(text[:MOST_CHARACTERS]))
    if lines and not _NUMBER.match(lines[0]) and _talk().label.search(lines[0]):
        del lines[0]
    found = [_NUMBER.match(line) for line in lines]
    if [mark and int(mark[1]) for mark in found] != list(range(1, count + 1)):
        return None
    texts = [clean_text(line[mark.end() :]) for line, mark in zip(lines, found, strict=True) if mark]
    return texts if all(texts) else None


def _split_lines(text: str) -> list[str]:
    """Return the lines that are more than space, code fences and rules."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not _FENCE.fullmatch(line) and not _RULE.fullmatch(line)]


def _drop_markdown(text: str) -> str:
    lines = _split_lines(text)
    lines = [line for line in lines if not _HEADING.match(line)] or [_HEADING.sub("", line) for line in lines]
    lines = _drop_numbers([line[_end(_BULLET, line) :] for line in lines])
    return "\n".join(" ".join(_LINK.sub(r"\1", _EMPHASIS.sub("", line)).split()) for line in lines)


def _drop_numbers(lines: list[str]) -> list[str]:
    """Take the numbers off a list; a line that only begins with a number, such as a date, is none."""
    marks = [_NUMBER.match(line) for line in lines]
    numbered = [(line, mark) for line, mark in zip(lines, marks, strict=True) if mark]
    if len(numbered) < 2 or [int(mark[1]) for _, mark in numbered] != list(range(1, len(numbered) + 1)):
        return lines
    return [line[mark.end() :] if mark else line for line, mark in zip(lines, marks, strict=True)]


def _end(pattern: re.Pattern[str], line: str) -> int:
    mark = pattern.match(line)
    return mark.end() if mark else 0


class _Talk:
    """What models say around their answers, in many languages."""

    def __init__(self, words: dict[str, str]) -> None:
        stop = "[^.!?。！？।:：\n]"
        self.label = re.compile(rf"(?i)(?:{words['label']}){stop}{{0,80}}[:：]\s*$")
        self.courtesy = re.compile(rf"(?i)(?:{words['courtesy']})\s*[.,!。，！、]*\s*")
        self.preface = re.compile(
            rf"(?i)(?:(?:{words['intro']}){stop}{{0,80}}?)?(?:{words['label']}){stop}{{0,60}}[:：]\s*"
        )
        self.remark = re.compile(rf"(?i)[(\[]?(?:(?:{words['note']})\s*[:：]|(?:{words['offer']}))|\(\d+ words?\)")


@cache
def _talk() -> _Talk:
    text = (files("summarizer") / "data" / "chat_talk.txt").read_text(encoding="utf-8")
    words: dict[str, list[str]] = {}
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        words.setdefault(kind, []).extend(word.strip() for word in rest.split(","))
    # The longest first: the first alternative that fits is taken.
    return _Talk({kind: "|".join(map(_as_word, sorted(found, key=len, reverse=True))) for kind, found in words.items()})


def _as_word(word: str) -> str:
    """Return the pattern of a word, which in scripts without spaces may stand inside another."""
    dense = UNSPACED.search(word) or DENSE.search(word)
    return re.escape(word) if dense else rf"(?<!\w){re.escape(word)}(?!\w)"


def _drop_talk(text: str) -> str:
    """Take off "Sure! Here is a summary:" before an answer and "Let me know if ..." after it."""
    talk = _talk()
    lines = text.splitlines()
    while len(lines) > 1 and (talk.courtesy.fullmatch(lines[0]) or talk.label.search(lines[0])):
        del lines[0]
    end = next((i for i, line in enumerate(lines) if i and talk.remark.match(line)), len(lines))
    text = "\n".join(lines[:end])
    start = _end(talk.courtesy, text)
    mark = talk.preface.match(text, start) or talk.preface.match(text)
    rest = text[mark.end() :] if mark else text
    return rest if rest.strip() else text


def _unquote(text: str) -> str:
    """Take off the quotation marks around a whole text that has no others of the kind inside."""
    closers = _QUOTATION_MARKS.get(text[:1], "")
    inside = text[1:-1]
    if len(text) > 2 and text[-1] in closers and not set(inside) & {text[0], text[-1]}:
        return inside.strip()
    return text

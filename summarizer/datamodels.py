"""The parts that articles and summaries are made of: small frozen records, JSON in and out.

Offsets are counted in Unicode code points, ``end`` exclusive, as Python slices count them.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from typing_extensions import Self

PassageKind = Literal["standfirst", "subheading", "paragraph", "list", "quote", "turn"]
FlagKind = Literal["number", "date", "name", "language", "repetition", "untranslated"]


@dataclass(frozen=True, slots=True)
class Record:
    """Base of the flat records: one JSON object whose keys are the field names."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build the record from its JSON object; keys that are not fields are ignored."""
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})


@dataclass(frozen=True, slots=True)
class Sentence(Record):
    """A sentence of an article: ``article.text[start:end] == text``."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Removed(Record):
    """A passage that cleaning took out, why, and where it stood in the text as it was given.

    ``start`` and ``end`` are offsets into ``Article.original``.
    """

    text: str
    reason: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage(Record):
    """A line of an article's text and what it is: ``article.text[start:end]``; a turn is one of an interview."""

    kind: PassageKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence(Record):
    """A span of the article that supports a summary sentence; ``score`` from 0 (none) to 1 (word for word)."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Flag(Record):
    """Something a reader should check: ``start`` and ``end`` are offsets into the summary (or translation) text."""

    start: int
    end: int
    kind: FlagKind
    detail: str


@dataclass(frozen=True, slots=True)
class Receipt(Record):
    """How much of the article the model read.

    ``tokens`` and ``tokens_read`` are counted by the model's own tokenizer, special tokens left out;
    ``sentences_skipped`` are indices into ``Article.sentences``.
    """

    tokens: int
    tokens_read: int
    sentences_skipped: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "tokens": self.tokens,
            "tokens_read": self.tokens_read,
            "sentences_skipped": list(self.sentences_skipped),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build the receipt from its JSON object."""
        return cls(data["tokens"], data["tokens_read"], tuple(data["sentences_skipped"]))


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """A sentence of a summary with the passages it rests on; ``quoted`` when it is the article's own."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Translation:
    """A translated summary, article or text.

    ``sentences`` are aligned one to one with the sentences that were translated; ``flags`` have offsets into ``text``;
    ``pivot`` is the language code gone through, or ``None`` for a direct translation; ``title`` is the translated
    headline, where there is one; ``draft`` says that the model is good for the gist only.
    """

    text: str
    language: str
    model: str
    flags: tuple[Flag, ...] = ()
    pivot: str | None = None
    sentences: tuple[str, ...] = field(default=())
    title: str | None = None
    draft: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "title": self.title,
            "text": self.text,
            "language": self.language,
            "model": self.model,
            "draft": self.draft,
            "flags": [flag_to_dict(flag, self.text) for flag in self.flags],
            "pivot": self.pivot,
            "sentences": list(self.sentences),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build the translation from its JSON object."""
        return cls(
            text=data["text"],
            language=data["language"],
            model=data["model"],
            flags=tuple(Flag.from_dict(flag) for flag in data["flags"]),
            pivot=data["pivot"],
            sentences=tuple(data["sentences"]),
            title=data["title"],
            draft=data["draft"],
        )


def flag_to_dict(flag: Flag, text: str) -> dict[str, Any]:
    """Return a flag as JSON, with the flagged words beside their offsets."""
    return {
        "kind": flag.kind,
        "text": text[flag.start : flag.end],
        "start": flag.start,
        "end": flag.end,
        "detail": flag.detail,
    }


def evidence_to_dict(evidence: Evidence, text: str) -> dict[str, Any]:
    """Return a piece of evidence as JSON, with its words beside their offsets."""
    return {
        "start": evidence.start,
        "end": evidence.end,
        "text": text[evidence.start : evidence.end],
        "score": evidence.score,
    }

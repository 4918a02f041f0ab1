"""The summary: sentences with their evidence, what to check, what was read, and the one JSON shape of a result."""

from dataclasses import dataclass
from typing import Any

from typing_extensions import Self

from summarizer.article import Article
from summarizer.datamodels import (
    Evidence,
    Flag,
    Receipt,
    SummarySentence,
    Translation,
    evidence_to_dict,
    flag_to_dict,
)
from summarizer.errors import SummarizerError


@dataclass(frozen=True, slots=True)
class Summary:
    """A checked summary of one article.

    ``flags`` have offsets into ``text``; ``seconds`` is wall time; two runs with one ``signature`` on one machine
    give one result.
    """

    text: str
    language: str
    sentences: tuple[SummarySentence, ...]
    flags: tuple[Flag, ...]
    receipt: Receipt
    article: Article
    model: str
    signature: str
    seconds: float
    translation: Translation | None = None

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where each sentence stands in ``text``, as (start, end)."""
        found, position = [], 0
        for sentence in self.sentences:
            start = self.text.index(sentence.text, position)
            position = start + len(sentence.text)
            found.append((start, position))
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON result."""
        return {
            "id": self.article.id,
            "summary": self.text,
            "language": self.language,
            "sentences": [
                {
                    "text": sentence.text,
                    "quoted": sentence.quoted,
                    "evidence": [evidence_to_dict(piece, self.article.text) for piece in sentence.evidence],
                }
                for sentence in self.sentences
            ],
            "flags": [flag_to_dict(flag, self.text) for flag in self.flags],
            "translation": None if self.translation is None else self.translation.to_dict(),
            "article": self.article.to_dict(),
            "receipt": self.receipt.to_dict(),
            "model": self.model,
            "signature": self.signature,
            "seconds": round(self.seconds, 3),
            "error": None,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build the summary from its JSON result."""
        sentences = (
            SummarySentence(row["text"], tuple(map(Evidence.from_dict, row["evidence"])), row["quoted"])
            for row in data["sentences"]
        )
        translation = data["translation"]
        return cls(
            text=data["summary"],
            language=data["language"],
            sentences=tuple(sentences),
            flags=tuple(map(Flag.from_dict, data["flags"])),
            receipt=Receipt.from_dict(data["receipt"]),
            article=Article.from_dict(data["article"], id=data["id"]),
            model=data["model"],
            signature=data["signature"],
            seconds=data["seconds"],
            translation=None if translation is None else Translation.from_dict(translation),
        )


def error_to_dict(error: SummarizerError, id: str | None = None) -> dict[str, Any]:  # noqa: A002
    """Return the JSON result of an article that could not be summarized: every key is there, ``error`` is set."""
    keys = ("summary", "language", "translation", "article", "receipt", "model", "signature", "seconds")
    return {
        "id": id,
        **dict.fromkeys(keys),
        "sentences": [],
        "flags": [],
        "error": error.to_dict(),
    }

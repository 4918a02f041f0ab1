"""One model run on the way from one language to another, with a second and a third try for what does not come out."""

from collections.abc import Sequence
from dataclasses import dataclass

from summarizer.backends.base import SentenceTranslator, name_backend
from summarizer.backends.firefox_text import halve
from summarizer.decoding import strip_controls
from summarizer.languages import get_language
from summarizer.repetition import find_loop
from summarizer.tokens import measure_letters

#: A translation that has more than so many times the letters of its source, and so many besides, has run away.
MAX_GROWTH, MAX_MORE = 3.0, 40
#: Letters of the shortest sentence that is cut in two where it cannot be translated whole.
LEAST_HALVED = 40


@dataclass(frozen=True, slots=True)
class Step:
    """One model run on the way from one language to another."""

    backend: SentenceTranslator
    source: str
    target: str

    @property
    def name(self) -> str:
        """What the model is called."""
        return name_backend(self.backend)

    @property
    def is_draft(self) -> bool:
        """Whether the model's translations are drafts, good for the gist."""
        return bool(getattr(self.backend, "drafts", False))

    def run(self, sentences: Sequence[str]) -> list[str | None]:
        """Translate sentences; those that come back empty or run away are tried alone, then in two halves.

        :param sentences: Single sentences.
        :return: One translation for each, ``None`` where there is none to be had.
        """
        translated = self._translate(sentences)
        return [
            new if is_usable(old, new) else self._try_again(old) for old, new in zip(sentences, translated, strict=True)
        ]

    def _try_again(self, sentence: str) -> str | None:
        [new] = self._translate([sentence])
        if is_usable(sentence, new):
            return new
        halves = halve(sentence) if measure_letters(sentence) >= LEAST_HALVED else None
        if halves is None:
            return None
        parts = [part.strip() for part in halves]
        translated = self._translate(parts)
        if not all(map(is_usable, parts, translated)):
            return None
        return get_language(self.target).sentence_joiner.join(translated)

    def _translate(self, sentences: Sequence[str]) -> list[str]:
        """Translate as the backend does it; from one that loses count, each sentence alone."""
        translated = self._ask(sentences)
        if len(translated) == len(sentences):
            return translated
        single = (self._ask([sentence]) for sentence in sentences)
        return [found[0] if len(found) == 1 else "" for found in single]

    def _ask(self, sentences: Sequence[str]) -> list[str]:
        return [*map(strip_controls, self.backend.translate(sentences, self.source, self.target))]


def is_usable(old: str, new: str) -> bool:
    """Tell whether there is a translation, and it is not a model that got stuck."""
    if not new.strip():
        return not old.strip()
    if measure_letters(new) > MAX_GROWTH * measure_letters(old) + MAX_MORE:
        return False
    return find_loop(new) is None or find_loop(old) is not None

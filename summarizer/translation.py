"""Translation, sentence by sentence and checked; through English where there is no direct model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import cast

from summarizer.article import Article
from summarizer.backends import EngineSettings, load_backend
from summarizer.backends.base import Identified, SentenceTranslator, name_backend
from summarizer.datamodels import Flag, Translation
from summarizer.errors import BadOptionError, UnsupportedLanguageError
from summarizer.evidence import flag_language
from summarizer.languages import base_code, get_language, is_same_language
from summarizer.model_names import find_card
from summarizer.sentences import split_sentences
from summarizer.translation_checks import UNTRANSLATED, check_translation
from summarizer.translation_steps import Step

Progress = Callable[[int, int, str], None]

PIVOT = "en"
#: Sentences that are translated between two reports of progress.
PART = 32
#: Pairs that an error names.
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Translated:
    """Translated sentences, one for each that went in; the offsets of ``flags`` count within each sentence."""

    sentences: tuple[str, ...]
    flags: tuple[tuple[Flag, ...], ...]
    pivot: str | None
    model: str
    draft: bool = False


class Translator:
    """Translates with whatever is installed.

    :param backends: What can translate; the first that has a pair of languages serves it.
    """

    def __init__(self, backends: Sequence[SentenceTranslator]) -> None:
        self._backends = tuple(backends)

    @property
    def name(self) -> str:
        """The names of its backends."""
        return ", ".join(map(name_backend, self._backends))

    @property
    def digest(self) -> str:
        """What its translations depend on: what the digests of its backends say."""
        digests = [f"{name_backend(backend)} {cast(Identified, backend).digest}" for backend in self._backends]
        return sha256("|".join(digests).encode()).hexdigest()[:16]

    def can_translate(self, source: str, target: str) -> bool:
        """Return whether the pair is served, directly or through English.

        :param source: BCP-47 code.
        :param target: BCP-47 code.
        """
        return self._route(source, target) is not None

    def check_route(self, source: str, target: str) -> None:
        """Raise unless the pair is served.

        :param source: BCP-47 code.
        :param target: BCP-47 code.
        :raises UnsupportedLanguageError: If no installed model serves the pair, directly or through English.
        """
        self._find_route(source, target)

    def translate_sentences(self, sentences: Sequence[str], source: str, target: str) -> Translated:
        """Translate sentences; as many come back as went in, in order.

        :param sentences: Single sentences.
        :param source: BCP-47 code of their language.
        :param target: BCP-47 code of the language to translate into.
        :return: The translations with what should be checked in each; what cannot be translated is kept and flagged.
        :raises UnsupportedLanguageError: If no installed model serves the pair, directly or through English.
        """
        route = self._find_route(source, target)
        if not route:
            return Translated(tuple(sentences), ((),) * len(sentences), None, "")
        translated = _run(route, sentences)
        kept = [old if new is None else new for old, new in zip(sentences, translated, strict=True)]
        flags = [
            (Flag(0, len(old), "untranslated", UNTRANSLATED),)
            if new is None
            else tuple(check_translation(old, new, source, target, partial(_run_plain, route)))
            for old, new in zip(sentences, translated, strict=True)
        ]
        names = dict.fromkeys(step.name for step in route)
        pivot = PIVOT if len(route) > 1 else None
        draft = any(step.is_draft for step in route)
        return Translated(tuple(kept), tuple(flags), pivot, " + ".join(names), draft)

    def translate_article(self, article: Article, target: str) -> Translation:
        """Translate a whole article with its title; its paragraphs stay paragraphs.

        :param article: The article.
        :param target: BCP-47 code of the language to translate into.
        :raises UnsupportedLanguageError: If no installed model serves the pair, directly or through English.
        """
        translation = self.translate_text(article.text, article.language, target)
        return replace(translation, title=self._translate_title(article.title, article.language, target))

    def translate_text(self, text: str, source: str, target: str, progress: Progress | None = None) -> Translation:
        """Translate a text; its lines stay lines.

        :param text: Any text.
        :param source: BCP-47 code of its language.
        :param target: BCP-47 code of the language to translate into.
        :param progress: Told the sentences done, the sentences in all and what is being done.
        :raises UnsupportedLanguageError: If no installed model serves the pair, directly or through English.
        """
        lines = [[sentence.text for sentence in split_sentences(line, source)] for line in text.split("\n")]
        translation = self._translate_lines(lines, source, target, progress)
        return translation if translation.model else replace(translation, text=text)

    def translate_summary(
        self, sentences: Sequence[str], source: str, target: str, title: str | None = None
    ) -> Translation:
        """Translate the sentences of a summary into one paragraph.

        :param sentences: The sentences of the summary.
        :param source: BCP-47 code of its language.
        :param target: BCP-47 code of the language to translate into.
        :param title: The headline above it, which is translated too.
        :return: The translation; its sentences are aligned with those of the summary.
        :raises UnsupportedLanguageError: If no installed model serves the pair, directly or through English.
        """
        translation = self._translate_lines([list(sentences)], source, target)
        return replace(translation, title=self._translate_title(title, source, target))

    def _translate_title(self, title: str | None, source: str, target: str) -> str | None:
        return " ".join(self.translate_sentences([title], source, target).sentences) if title else None

    def _translate_lines(
        self, lines: list[list[str]], source: str, target: str, progress: Progress | None = None
    ) -> Translation:
        translated = self._translate_parts([sentence for line in lines for sentence in line], source, target, progress)
        joiner = get_language(target).sentence_joiner
        pairs = iter(zip(translated.sentences, translated.flags, strict=True))
        flags: list[Flag] = []
        text = ""
        for number, line in enumerate(lines):
            text += "\n" if number else ""
            for position, (sentence, found) in enumerate(next(pairs) for _ in line):
                text += joiner if position else ""
                flags += [replace(flag, start=flag.start + len(text), end=flag.end + len(text)) for flag in found]
                text += sentence
        if translated.model:
            flags += flag_language(text, target)
        flags.sort(key=lambda flag: (flag.start, flag.end))
        return Translation(
            text,
            target,
            translated.model,
            tuple(flags),
            translated.pivot,
            translated.sentences,
            draft=translated.draft,
        )

    def _translate_parts(self, sentences: list[str], source: str, target: str, progress: Progress | None) -> Translated:
        """Translate sentences a part at a time, where somebody wants to see how far it is."""
        if progress is None:
            return self.translate_sentences(sentences, source, target)
        parts = []
        for start in range(0, max(1, len(sentences)), PART):
            progress(start, len(sentences), "translating")
            parts.append(self.translate_sentences(sentences[start : start + PART], source, target))
        progress(len(sentences), len(sentences), "translating")
        return replace(
            parts[0],
            sentences=tuple(sentence for part in parts for sentence in part.sentences),
            flags=tuple(flags for part in parts for flags in part.flags),
        )

    def _find_route(self, source: str, target: str) -> tuple[Step, ...]:
        route = self._route(source, target)
        if route is None:
            raise UnsupportedLanguageError(self._explain(source, target))
        return route

    def _route(self, source: str, target: str) -> tuple[Step, ...] | None:
        if is_same_language(source, target):
            return ()
        direct = self._step(source, target)
        if direct is not None:
            return (direct,)
        first, second = self._step(source, PIVOT), self._step(PIVOT, target)
        return None if first is None or second is None else (first, second)

    def _step(self, source: str, target: str) -> Step | None:
        for backend in self._backends:
            pairs = backend.pairs()
            for pair in ((one, other) for one in _codes(source) for other in _codes(target)):
                if pair in pairs:
                    return Step(backend, *pair)
        return None

    def _explain(self, source: str, target: str) -> str:
        one, other = get_language(source), get_language(target)
        installed = sorted({f"{first}-{second}" for backend in self._backends for first, second in backend.pairs()})
        if self._step(PIVOT, target) is not None:
            wanted = (source, PIVOT)
        elif self._step(source, PIVOT) is not None:
            wanted = (PIVOT, target)
        else:
            wanted = (source, target)
        return (
            f"No installed model translates {one.name} ({source}) into {other.name} ({target}); "
            f"there are: {_shorten(installed)}. To download Mozilla's model for it, if there is one, run: "
            f"summarizer models get firefox:{'-'.join(wanted)} - other models: "
            f"summarizer models --can translate --language {source if source != PIVOT else target}"
        )


def _run(route: Sequence[Step], sentences: Sequence[str]) -> list[str | None]:
    """Translate step by step; a sentence that one step cannot translate is not given to the next."""
    current: list[str | None] = list(sentences)
    for step in route:
        left = [index for index, sentence in enumerate(current) if sentence is not None]
        translated = step.run([sentence for sentence in current if sentence is not None])
        for index, sentence in zip(left, translated, strict=True):
            current[index] = sentence
    return current


def _run_plain(route: Sequence[Step], sentences: Sequence[str]) -> list[str]:
    return [sentence or "" for sentence in _run(route, sentences)]


def _shorten(pairs: Sequence[str]) -> str:
    more = f" and {len(pairs) - MOST_NAMED} more" if len(pairs) > MOST_NAMED else ""
    return ", ".join(pairs[:MOST_NAMED]) + more or "none"


def _codes(code: str) -> list[str]:
    """Return what a backend may call a language: its code, or the bare one of the same script."""
    language = get_language(code)
    bare = get_language(base_code(code))
    return [language.code, bare.code] if bare.script == language.script else [language.code]


def make_translator(model: str, settings: EngineSettings | None = None, languages: Sequence[str] = ()) -> Translator:
    """Return a translator that uses one model for every pair of languages that it has.

    :param model: Name of a model that translates.
    :param settings: Where and how it runs.
    :param languages: For a model without a card that does not say: its languages, the source first.
    :raises ModelNotFoundError: If no model has this name.
    :raises BadOptionError: If the model does not translate.
    """
    backend = load_backend(find_card(model, task="translate", languages=languages), settings)
    if not isinstance(backend, SentenceTranslator):
        raise BadOptionError(f"The model {model!r} does not translate; `summarizer models` lists the ones that do.")
    return Translator([backend])

"""Translation, sentence by sentence and checked; through English where there is no direct model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from summarizer.backends.base import SentenceTranslator
from summarizer.datamodels import Flag, Translation
from summarizer.errors import UnsupportedLanguageError
from summarizer.evidence import flag_language
from summarizer.languages import base_code, get_language, is_same_language
from summarizer.sentences import split_sentences
from summarizer.translation_checks import check_translation

PIVOT = "en"
# What the command that installs models calls languages, where it differs.
_COMMAND_CODES = {"fil": "tl"}


@dataclass(frozen=True, slots=True)
class Translated:
    """Translated sentences, one for each that went in; the offsets of ``flags`` count within each sentence."""

    sentences: tuple[str, ...]
    flags: tuple[tuple[Flag, ...], ...]
    pivot: str | None
    model: str


@dataclass(frozen=True, slots=True)
class _Step:
    """One model run on the way from one language to another."""

    backend: SentenceTranslator
    source: str
    target: str


class Translator:
    """Translates with whatever is installed.

    :param backends: What can translate; the first that has a pair of languages serves it.
    """

    def __init__(self, backends: Sequence[SentenceTranslator]) -> None:
        self._backends = tuple(backends)

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
        :return: The translations with what should be checked in each; where a model gives nothing, the source is kept.
        :raises UnsupportedLanguageError: If no installed model serves the pair, directly or through English.
        """
        route = self._find_route(source, target)
        if not route:
            return Translated(tuple(sentences), ((),) * len(sentences), None, "")
        raw = _run(route, sentences)
        kept = [new if new.strip() else old for old, new in zip(sentences, raw, strict=True)]
        flags = [
            tuple(check_translation(old, new, source, target, partial(_run, route)))
            for old, new in zip(sentences, kept, strict=True)
        ]
        names = dict.fromkeys(_name(step.backend) for step in route)
        return Translated(tuple(kept), tuple(flags), PIVOT if len(route) > 1 else None, " + ".join(names))

    def translate_text(self, text: str, source: str, target: str) -> Translation:
        """Translate a text; its lines stay lines.

        :param text: Any text.
        :param source: BCP-47 code of its language.
        :param target: BCP-47 code of the language to translate into.
        :raises UnsupportedLanguageError: If no installed model serves the pair, directly or through English.
        """
        lines = [[sentence.text for sentence in split_sentences(line, source)] for line in text.split("\n")]
        translation = self._translate_lines(lines, source, target)
        return translation if translation.model else replace(translation, text=text)

    def translate_summary(self, sentences: Sequence[str], source: str, target: str) -> Translation:
        """Translate the sentences of a summary into one paragraph.

        :param sentences: The sentences of the summary.
        :param source: BCP-47 code of its language.
        :param target: BCP-47 code of the language to translate into.
        :return: The translation; its sentences are aligned with those of the summary.
        :raises UnsupportedLanguageError: If no installed model serves the pair, directly or through English.
        """
        return self._translate_lines([list(sentences)], source, target)

    def _translate_lines(self, lines: list[list[str]], source: str, target: str) -> Translation:
        translated = self.translate_sentences([sentence for line in lines for sentence in line], source, target)
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
        return Translation(text, target, translated.model, tuple(flags), translated.pivot, translated.sentences)

    def _find_route(self, source: str, target: str) -> tuple[_Step, ...]:
        route = self._route(source, target)
        if route is None:
            raise UnsupportedLanguageError(self._explain(source, target))
        return route

    def _route(self, source: str, target: str) -> tuple[_Step, ...] | None:
        if is_same_language(source, target):
            return ()
        direct = self._step(source, target)
        if direct is not None:
            return (direct,)
        first, second = self._step(source, PIVOT), self._step(PIVOT, target)
        return None if first is None or second is None else (first, second)

    def _step(self, source: str, target: str) -> _Step | None:
        for backend in self._backends:
            pairs = backend.pairs()
            for pair in ((one, other) for one in _codes(source) for other in _codes(target)):
                if pair in pairs:
                    return _Step(backend, *pair)
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
        codes = " ".join(_COMMAND_CODES.get(code, code) for code in wanted)
        return (
            f"No installed model translates {one.name} ({source}) into {other.name} ({target}); "
            f"installed: {', '.join(installed) or 'none'}. To download Mozilla's model for it, if there is one, run: "
            f"fxtranslate models add {codes}"
        )


def _run(route: Sequence[_Step], sentences: Sequence[str]) -> list[str]:
    current = list(sentences)
    for step in route:
        current = step.backend.translate(current, step.source, step.target)
    return current


def _codes(code: str) -> list[str]:
    """Return what a backend may call a language: its code, or the bare one of the same script."""
    language = get_language(code)
    bare = get_language(base_code(code))
    return [language.code, bare.code] if bare.script == language.script else [language.code]


def _name(backend: SentenceTranslator) -> str:
    return type(backend).__name__.removesuffix("Backend").lower()

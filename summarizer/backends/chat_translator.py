"""Chat models that translate."""

from collections.abc import Sequence
from functools import cached_property
from itertools import product

from summarizer.backends.chat_answers import clean_text, parse_numbered
from summarizer.backends.chat_model import ChatBackend
from summarizer.backends.chat_prompts import ask_translation, ask_translations, fill_prompt
from summarizer.backends.windows import cut_windows
from summarizer.languages import list_languages

#: A translation may have this many times the tokens of its source.
TRANSLATION_GROWTH = 4
#: Most sentences translated by one request.
MOST_LINES = 8


class ChatTranslator(ChatBackend):
    """A chat model that translates."""

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the (source, target) pairs of its card: without any there, all of its languages with each other."""
        return self._pairs

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        codes = self._card.languages or tuple(language.code for language in list_languages())
        every = ((source, target) for source, target in product(codes, repeat=2) if source != target)
        return frozenset(self._card.pairs or every)

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        """Translate sentences, several by one request; those whose answer cannot be told apart are asked for alone.

        :param sentences: Single sentences.
        :param source: BCP-47 code of their language.
        :param target: BCP-47 code of the language to translate into.
        :return: As many as went in, in order; an empty string where the model gave no usable answer.
        :raises ModelError: If the model cannot be loaded, reached or asked.
        """
        lines = [" ".join(sentence.split()) for sentence in sentences]
        sizes = self._model.count(lines)
        # A request and its answer share the context.
        limit = self._window(self._ask("", source, target), 0) // (1 + TRANSLATION_GROWTH)
        wanted = [index for index, line in enumerate(lines) if line and sizes[index] <= limit]
        found = {} if self._card_asks else self._translate_groups(lines, sizes, wanted, limit, source, target)
        alone = [index for index in wanted if index not in found]
        requests = [self._ask(lines[index], source, target) for index in alone]
        most = max((_answer_tokens([sizes[index]]) for index in alone), default=0)
        for index, answer in zip(alone, self._model.answer(requests, most) if requests else (), strict=True):
            found[index] = " ".join(clean_text(answer.text).split()) if answer.finished else ""
        return [found.get(index, "") for index in range(len(lines))]

    @property
    def _card_asks(self) -> bool:
        """Whether the card's prompt is for translations: it takes one sentence at a time."""
        return bool(self._card.prompt) and not self._card.can_summarize

    def _ask(self, line: str, source: str, target: str) -> str:
        return fill_prompt(self._card.prompt, line) if self._card_asks else ask_translation(line, source, target)

    def _translate_groups(
        self, lines: Sequence[str], sizes: Sequence[int], wanted: Sequence[int], limit: int, source: str, target: str
    ) -> dict[int, str]:
        """Translate by requests of several sentences; return by index what came back in order."""
        # Counted as no less than this, no more than MOST_LINES sentences fit into a group.
        least = -(-limit // MOST_LINES)
        windows = cut_windows([max(sizes[index], least) for index in wanted], limit)
        groups = [[wanted[place] for place in window] for window in windows if len(window) > 1]
        if not groups:
            return {}
        requests = [ask_translations([lines[index] for index in group], source, target) for group in groups]
        most = max(_answer_tokens([sizes[index] for index in group]) for group in groups)
        found: dict[int, str] = {}
        for group, answer in zip(groups, self._model.answer(requests, most), strict=True):
            texts = parse_numbered(answer.text, len(group)) if answer.finished else None
            found.update(zip(group, texts or (), strict=False))
        return found


def _answer_tokens(sizes: Sequence[int]) -> int:
    return sum(16 + TRANSLATION_GROWTH * size for size in sizes)

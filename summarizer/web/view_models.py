"""The list of models as HTML: what each can do, on which terms, whether it is here, and its card."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt

from summarizer.cards import ModelCard, list_models
from summarizer.web.models import Readiness, find_readiness
from summarizer.web.naming import describe_model
from summarizer.web.wording import Wording

#: Headings of a card stand below those of the page.
_DEEPER = 2


@dataclass(frozen=True, slots=True)
class ModelFilter:
    """Which models are wanted; what is empty, zero or false lets all through.

    :param words: Words that all have to be in the card.
    :param language: Code of a language that the model knows.
    :param task: One of ``ABILITIES``.
    :param megabytes: Size on disk at most.
    :param commercial_only: Whether the licence has to allow commercial use.
    :param ready_only: Whether it has to be ready on this machine.
    """

    words: str = ""
    language: str = ""
    task: str = ""
    megabytes: int = 0
    commercial_only: bool = False
    ready_only: bool = False


def find_models(wanted: ModelFilter) -> list[ModelCard]:
    """Return the cards of the models that are wanted.

    :raises SummarizerError: If there is no such language or task.
    """
    cards = list_models(wanted.language or None, ability=wanted.task or None, commercial_only=wanted.commercial_only)
    words = wanted.words.casefold().split()
    return [
        card
        for card in cards
        if (not wanted.megabytes or card.size <= wanted.megabytes * 1e6)
        and (not wanted.ready_only or find_readiness(card) == "ready")
        and all(word in _searchable(card) for word in words)
    ]


def _searchable(card: ModelCard) -> str:
    parts = (card.name, card.summary, card.source, card.license, card.license_name, card.base_model or "", card.prose)
    return " ".join(parts).casefold()


def render_models(cards: Sequence[ModelCard], wording: Wording) -> str:
    """Return the models as a list in which each unfolds to its card."""
    rows = "".join(_render_model(card, find_readiness(card), wording.text) for card in cards)
    count = escape(wording.text("models.count", count=len(cards)))
    return f'<div class="ns-models"><p class="ns-note" role="status">{count}</p>{rows}</div>'


def _render_model(card: ModelCard, readiness: Readiness, say: Callable[..., str]) -> str:
    tasks = [say(f"models.task.{ability}") for ability in card.abilities]
    tasks.append(say("models.languages", count=len(card.languages)))
    icon = "✓ " if readiness == "ready" else ""
    command = f"<p>{escape(say('models.get'))} <code>summarizer models get {escape(card.name)}</code></p>"
    return (
        f'<details class="ns-model" data-model="{escape(card.name)}"><summary>'
        f'<span class="ns-model-name"><bdi>{escape(card.name)}</bdi></span> '
        f'<span class="ns-mark ns-{readiness}">{icon}{escape(say(f"models.state.{readiness}"))}</span>'
        f'<span class="ns-model-line">{escape(" · ".join(tasks))}</span>'
        f'<span class="ns-model-line{"" if card.commercial else " ns-restricted"}">'
        f"<bdi>{escape(describe_model(card, say))}</bdi></span></summary>"
        f"{command if readiness == 'get' else ''}"
        f'<div class="ns-card" lang="en" dir="ltr">{render_prose(card.prose)}</div></details>'
    )


@lru_cache(maxsize=256)
def render_prose(markdown: str) -> str:
    """Return the Markdown of a card as HTML; tags in it stay text, pictures are left out, and no link runs a script.

    :param markdown: The text; its first heading, the model's name, is left out.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    for name, rule in {"link_open": _open_link, "table_open": _open_table, "table_close": _close_table}.items():
        parser.add_render_rule(name, rule)
    tokens = parser.parse(markdown)
    if [token.tag for token in tokens[:1]] == ["h1"]:
        del tokens[:3]
    for token in tokens:
        if token.type.startswith("heading"):
            token.tag = f"h{min(6, int(token.tag[1]) + _DEEPER)}"
    return str(parser.renderer.render(tokens, parser.options, {}))


def _open_link(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer")
    tokens[index].attrSet("target", "_blank")
    return str(self.renderToken(tokens, index, options, env))


def _open_table(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    # What scrolls has to be within reach of the keyboard.
    return '<div class="ns-table" tabindex="0"><table>'


def _close_table(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    return "</table></div>"

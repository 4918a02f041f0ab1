"""Links that carry the settings of the form, never a text, and what they set when they are opened."""

from dataclasses import asdict, dataclass
from urllib.parse import parse_qs, urlencode

from summarizer.languages import list_languages
from summarizer.options import LENGTHS
from summarizer.web.models import Models


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the form; what is ``None`` stays as it is."""

    model: str | None = None
    target: str | None = None
    length: str | None = None
    style: str | None = None


def make_link(home: str, settings: Settings, language: str) -> str:
    """Return the address of the page with settings in it.

    :param home: The address without a query.
    :param settings: What is chosen; an empty target is left out.
    :param language: Code of the page's language.
    """
    chosen = {name: value for name, value in asdict(settings).items() if value}
    return f"{home}?{urlencode({'tab': 'summarize', 'lang': language, **chosen})}"


def read_link(query: str, models: Models) -> Settings:
    """Return the settings that an address names; what means nothing on this page is left out.

    :param query: The query of the address, which can hold anything.
    :param models: The models of the page.
    """
    named = {name: values[-1] for name, values in parse_qs(query.removeprefix("?")).items()}
    offered = {name for _, name in models.choices()}
    model = _among(named.get("model"), offered)
    return Settings(
        model,
        _among(named.get("target"), {language.code for language in list_languages()}),
        _among(named.get("length"), set(LENGTHS)),
        _among(named.get("style"), set(models.styles(model or models.default))),
    )


def _among(value: str | None, known: set[str]) -> str | None:
    return value if value in known else None

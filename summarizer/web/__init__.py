"""The web page."""

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from summarizer.web.jobs import JobLimits
from summarizer.web.localizing import Localizer
from summarizer.web.page import build_page
from summarizer.web.server import PageServer, end_late_work
from summarizer.web.settings import DEFAULT_SETTINGS, ServerSettings

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["PageServer", "ServerSettings", "build_page", "launch", "launch_options", "page_options"]

#: What Gradio's own ``launch`` takes and a mounted page does not.
_LAUNCH_ONLY = frozenset({"share", "prevent_thread_lock", "quiet"})

_SCRIPTS = ("page.js", "check.js", "take.js", "history.js")
_STYLES = ("style.css", "compare.css", "models.css", "take.css")


def launch(settings: ServerSettings = DEFAULT_SETTINGS, *, page: "gr.Blocks | None" = None) -> None:
    """Serve the page until it is interrupted; work that is not done within the seconds of grace ends with the process.

    :param settings: Where, to whom, and with which limits.
    :param page: The page, if it is built already.
    :raises BadOptionError: If the address cannot be listened on, or another setting cannot be used.
    """
    PageServer(page or build_page(limits=settings.limits), page_options(), settings).run()
    end_late_work()


def page_options() -> dict[str, Any]:
    """Return what the page needs from Gradio when it is mounted on an application: looks, script and privacy."""
    return {name: value for name, value in launch_options().items() if name not in _LAUNCH_ONLY}


def launch_options() -> dict[str, Any]:
    """Return what the page needs from Gradio's ``launch``, wherever it is served: looks, script and privacy."""
    from starlette.middleware import Middleware

    folder = files("summarizer.web")
    scripts, styles = (
        "\n".join((folder / name).read_text(encoding="utf-8") for name in names) for names in (_SCRIPTS, _STYLES)
    )
    return {
        "css": styles,
        "head": f"<script>{scripts}</script>",
        "app_kwargs": {"middleware": [Middleware(Localizer)]},
        "theme": _make_theme(),
        "footer_links": ["api"],
        "max_file_size": JobLimits().size,
        # Nothing is published, and the browser keeps no record of what was pasted.
        "share": False,
        "run_history": False,
        "ssr_mode": False,
        "prevent_thread_lock": True,
        "quiet": True,
    }


def _make_theme() -> Any:
    """Return Gradio's own theme with quiet text that is dark enough to read, and with the fonts of the system."""
    import gradio as gr

    # No font is fetched, and the system has one for every script.
    theme = gr.themes.Default(primary_hue="blue", font=("system-ui", "sans-serif"), font_mono="monospace")
    return theme.set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
    )

"""The web page."""

from contextlib import suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import typer

from summarizer.errors import BadOptionError
from summarizer.web.jobs import JobLimits
from summarizer.web.localizing import Localizer
from summarizer.web.page import build_page

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["build_page", "launch", "launch_options"]

_SCRIPTS = ("page.js", "check.js")


def launch(
    host: str = "127.0.0.1", port: int = 7860, open_browser: bool = False, *, page: "gr.Blocks | None" = None
) -> None:
    """Serve the page until it is interrupted.

    :param host: Address to listen on; ``0.0.0.0`` for every one.
    :param port: Port to listen on.
    :param open_browser: Whether to open the page in a browser window.
    :param page: The page, if it is built already.
    :raises BadOptionError: If the port cannot be listened on.
    """
    page = page or build_page()
    try:
        _, url, _ = page.launch(server_name=host, server_port=port, inbrowser=open_browser, **launch_options())
    except OSError as error:
        raise BadOptionError(
            f"Port {port} of {host} cannot be listened on; choose another port with --port or address with --host."
        ) from error
    with suppress(KeyboardInterrupt):
        typer.echo(f"The page is at {url} (Ctrl+C ends it).", err=True)
        page.block_thread()


def launch_options() -> dict[str, Any]:
    """Return what the page needs from Gradio's ``launch``, wherever it is served: looks, script and privacy."""
    from starlette.middleware import Middleware

    folder = files("summarizer.web")
    scripts = "\n".join((folder / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    return {
        "css": (folder / "style.css").read_text(encoding="utf-8"),
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

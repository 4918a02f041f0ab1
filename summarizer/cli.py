"""The command line: results on stdout, progress and warnings on stderr.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the input is not an article, 4 a batch finished with failed rows.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from summarizer.cli_batch import INTERRUPTED, batch
from summarizer.cli_input import check_reasons, read_article
from summarizer.cli_messages import json_errors, plain_warnings
from summarizer.cli_options import (
    CleanOption,
    DeviceOption,
    EngineOption,
    ForceOption,
    Format,
    FormatOption,
    InputArgument,
    KeepOption,
    LanguageOption,
    LengthOption,
    ModelOption,
    OutputOption,
    PlainFormat,
    PlainFormatOption,
    ServerOption,
    StyleOption,
    TranslatorOption,
)
from summarizer.cli_serve import serve
from summarizer.errors import (
    BadOptionError,
    EmptyInputError,
    InputNotFoundError,
    ModelNotFoundError,
    NotAnArticleError,
    SummarizerError,
    UnreadableInputError,
    UnsupportedStyleError,
)
from summarizer.terminal import progress, to_json, warn, write
from summarizer.version import __version__

if TYPE_CHECKING:
    from summarizer.summary import Summary

FAILED, WRONG_USAGE, NOT_AN_ARTICLE = 1, 2, 3
#: Errors that mean the command was typed wrong, and errors that mean the input is no article.
_USAGE_ERRORS = (BadOptionError, InputNotFoundError, ModelNotFoundError, UnsupportedStyleError)
_ARTICLE_ERRORS = (EmptyInputError, NotAnArticleError, UnreadableInputError)

app = typer.Typer(
    name="summarizer",
    help="Clean, summarize and translate news articles in many languages, offline, with evidence for every sentence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; every error that a user can cause ends in one line and an exit code."""
    with plain_warnings():
        _run()


def _run() -> None:
    try:
        app()
    except SummarizerError as error:
        warn(f"Error: {error.message} [{error.code}]")
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader went away, as `head` does: nobody is left to tell, and the interpreter must not flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)


def exit_code(error: SummarizerError) -> int:
    """Return the exit code that an error ends the program with."""
    if isinstance(error, _ARTICLE_ERRORS):
        return NOT_AN_ARTICLE
    return WRONG_USAGE if isinstance(error, _USAGE_ERRORS) else FAILED


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def summarize(
    source: InputArgument = None,
    to: Annotated[str | None, typer.Option("--to", "-t", help="Translate the summary into this language.")] = None,
    length: LengthOption = "short",
    style: StyleOption = "auto",
    model: ModelOption = "builtin",
    translator: TranslatorOption = None,
    engine: EngineOption = "auto",
    device: DeviceOption = "auto",
    base_url: ServerOption = None,
    language: LanguageOption = None,
    clean: CleanOption = True,
    keep: KeepOption = None,
    force: ForceOption = False,
    form: FormatOption = Format.text,
    output: OutputOption = None,
) -> None:
    """Summarize an article: a file, a web address, or pasted text on standard input."""
    from summarizer.pipeline import Summarizer
    from summarizer.rendering import render_footer, render_markdown, render_text

    with json_errors(form.value):
        summarizer = Summarizer(model, translator=translator, engine=engine, device=device, base_url=base_url)
        summarizer.check(target_language=to, length=length, style=style)
        article = read_article(source, language=language, clean=clean, keep=check_reasons(keep), check=not force)
        with progress() as report:
            summarizer.prepare(report)
        summary = summarizer.summarize(article, target_language=to, length=length, style=style)
    renderers: dict[Format, Callable[[Summary], str]] = {
        Format.text: render_text,
        Format.json: lambda result: to_json(result.to_dict()),
        Format.markdown: render_markdown,
    }
    write(renderers[form](summary), output)
    if form is Format.text:
        warn(render_footer(summary))


@app.command()
def clean(
    source: InputArgument = None,
    language: LanguageOption = None,
    keep: KeepOption = None,
    force: ForceOption = False,
    form: FormatOption = Format.text,
    output: OutputOption = None,
) -> None:
    """Show what is left of an article after cleaning; in JSON, with everything that was removed and why."""
    from summarizer.rendering import render_article

    with json_errors(form.value, whole=False):
        article = read_article(source, language=language, keep=check_reasons(keep), check=not force)
    if form is Format.json:
        write(to_json({"id": article.id, **article.to_dict(), "original": article.original}), output)
        return
    if form is Format.markdown:
        write(render_article(article), output)
    else:
        write(f"{article.title}\n\n{article.text}" if article.title else article.text, output)
    counts: dict[str, int] = {}
    for removal in article.removed:
        counts[removal.reason] = counts.get(removal.reason, 0) + 1
    warn("removed: " + (", ".join(f"{reason} {count}" for reason, count in sorted(counts.items())) or "nothing"))


@app.command()
def translate(
    to: Annotated[str, typer.Option("--to", "-t", help="Language to translate into.")],
    source: Annotated[
        str | None,
        typer.Argument(metavar="FILE | URL | -", help="A text file, a web address, or - for standard input."),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--from", "--language", help="Language of the text, if it is known.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Model that translates; default: the best that is there.")
    ] = None,
    engine: EngineOption = "auto",
    device: DeviceOption = "auto",
    base_url: ServerOption = None,
    form: PlainFormatOption = PlainFormat.text,
    output: OutputOption = None,
) -> None:
    """Translate a text sentence by sentence, as it is, with numbers and names compared."""
    from summarizer.backends.base import EngineSettings
    from summarizer.languages import get_language
    from summarizer.pipeline import Summarizer
    from summarizer.rendering import render_flags, render_route
    from summarizer.translation import make_translator

    with json_errors(form.value, whole=False):
        article = read_article(source, language=language, clean=False, check=False)
        target = get_language(to).code
        settings = EngineSettings(engine, device, base_url)
        named = (article.language, target) if language else ()
        translator = make_translator(model, settings, named) if model else Summarizer().translator
        # Not the article's text, from which blank lines are gone.
        with progress(bytes_done=False) as report:
            translation = translator.translate_text(article.original, article.language, target, report)
    if form is PlainFormat.json:
        write(to_json(translation.to_dict()), output)
        return
    write(translation.text, output)
    warn(render_route(translation))
    for line in render_flags(translation.flags, translation.text):
        warn(f"please check {line}")


@app.command()
def models(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME | get NAME", help="A model's name.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="List models that serve this language.")] = None,
    can: Annotated[
        str | None, typer.Option("--can", help="List models that can extract, write, translate or cross-lingual.")
    ] = None,
    commercial_only: Annotated[
        bool, typer.Option("--commercial-only", help="List models whose licence allows commercial use.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="With get: make the model ready again from scratch.")] = False,
    form: PlainFormatOption = PlainFormat.text,
) -> None:
    """List the models, show the card of one (NAME), or make one ready for use (get NAME)."""
    from summarizer.cli_models import run_models

    with json_errors(form.value, whole=False):
        run_models(
            names or [],
            language=language,
            ability=can,
            commercial_only=commercial_only,
            force=force,
            as_json=form is PlainFormat.json,
        )


@app.command()
def evaluate(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="Rows in .jsonl, .jsonl.gz or .csv: text, summary and maybe lang, title, kind."
        ),
    ],
    model: Annotated[
        list[str] | None, typer.Option("--model", "-m", help="Name of a model; repeatable. Default: builtin.")
    ] = None,
    style: StyleOption = "auto",
    length: LengthOption = "short",
    most: Annotated[int | None, typer.Option(min=1, help="Most rows to use; always the same sample.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write report.json, report.html and rows.jsonl to this folder.")
    ] = None,
    form: PlainFormatOption = PlainFormat.text,
) -> None:
    """Measure models on articles with reference summaries, beside simple baselines, with intervals."""
    from summarizer.cli_evaluate import print_report, run_evaluation

    with json_errors(form.value, whole=False):
        names = model or ["builtin"]
        made = run_evaluation(data, names, style=style, length=length, most=most, folder=report)
    write(to_json(made)) if form is PlainFormat.json else print_report(made)
    if any(system["failed"] == system["articles"] for system in made["systems"]):
        raise typer.Exit(FAILED)


app.command()(batch)
app.command()(serve)

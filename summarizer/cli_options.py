"""Arguments and options that several commands have, each said once."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class Format(str, Enum):
    """How results are printed."""

    text = "text"
    json = "json"
    markdown = "markdown"


class PlainFormat(str, Enum):
    """How results without evidence are printed."""

    text = "text"
    json = "json"


InputArgument = Annotated[
    str | None, typer.Argument(metavar="FILE | URL | -", help="A file, a web address, or - for standard input.")
]
ModelOption = Annotated[str, typer.Option("--model", "-m", help="Name of a model; see `summarizer models`.")]
TranslatorOption = Annotated[
    str | None, typer.Option("--translator", help="Model that translates; default: the best that is there.")
]
EngineOption = Annotated[str, typer.Option("--engine", help="What runs the model: auto, torch or ctranslate2.")]
BatchEngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        help="What runs the model: auto, torch or ctranslate2; on a cluster: ray, ray:torch or ray:ctranslate2.",
    ),
]
DeviceOption = Annotated[
    str, typer.Option("--device", help="Where the model runs: cpu, cuda, or auto for a GPU where there is one.")
]
ServerOption = Annotated[
    str | None, typer.Option("--base-url", help="Address of the server, for openai:MODEL; else OPENAI_BASE_URL.")
]
LanguageOption = Annotated[str | None, typer.Option("--language", help="Language of the article, if it is known.")]
CleanOption = Annotated[bool, typer.Option("--clean/--no-clean", help="Remove what is not the article.")]
KeepOption = Annotated[
    list[str] | None,
    typer.Option("--keep", help="A reason for which nothing is removed, as caption, related or duplicate; repeatable."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Accept pages that do not look like an article.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="Write the result to this file.")]
LengthOption = Annotated[
    str, typer.Option("--length", "-l", help="headline, short, medium, long, or a number of sentences.")
]
StyleOption = Annotated[str, typer.Option("--style", "-s", help="auto, extractive or abstractive.")]
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to print the result.")]
PlainFormatOption = Annotated[PlainFormat, typer.Option("--format", "-f", help="How to print the result.")]

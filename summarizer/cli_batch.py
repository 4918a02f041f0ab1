"""What ``summarizer batch`` takes; ``cli_batch_run`` does it."""

from pathlib import Path
from typing import Annotated

import typer

from summarizer.cli_input import check_reasons
from summarizer.cli_options import (
    BatchEngineOption,
    CleanOption,
    DeviceOption,
    ForceOption,
    KeepOption,
    LanguageOption,
    LengthOption,
    ModelOption,
    ServerOption,
    StyleOption,
    TranslatorOption,
)

#: Exit codes: the run came to its end and some rows have an error; it did not.
ROWS_FAILED, INTERRUPTED = 4, 130


def batch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="Rows in .jsonl, .csv, .tsv (each also .gz, .zst) or .parquet; a folder; a feed, file or address; -.",
        ),
    ],
    output: Annotated[
        str, typer.Argument(metavar="OUTPUT", help="Results: .jsonl, .csv, .tsv or .parquet; a file or s3://...")
    ],
    to: Annotated[str | None, typer.Option("--to", "-t", help="Translate the summaries into this language.")] = None,
    length: LengthOption = "short",
    style: StyleOption = "auto",
    model: ModelOption = "builtin",
    translator: TranslatorOption = None,
    engine: BatchEngineOption = "auto",
    device: DeviceOption = "auto",
    base_url: ServerOption = None,
    language: LanguageOption = None,
    clean: CleanOption = True,
    keep: KeepOption = None,
    force: ForceOption = False,
    id_column: Annotated[str | None, typer.Option(help="Column of the ids, if it has no usual name.")] = None,
    text_column: Annotated[str | None, typer.Option(help="Column of the texts.")] = None,
    html_column: Annotated[str | None, typer.Option(help="Column of web pages.")] = None,
    url_column: Annotated[str | None, typer.Option(help="Column of addresses, which are fetched.")] = None,
    title_column: Annotated[str | None, typer.Option(help="Column of the headlines.")] = None,
    lang_column: Annotated[str | None, typer.Option(help="Column of the languages.")] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Throw away what earlier runs did.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try rows with an error again.")] = False,
    workers: Annotated[
        int | None, typer.Option(min=0, help="Processes that clean ahead of the model; default: cores to spare.")
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, max=4096, help="Articles given to the model at once; default: what suits it."),
    ] = None,
    ordered: Annotated[
        bool,
        typer.Option(
            "--ordered/--unordered",
            help="Leave results in the order of the input, or as they are done: articles of about one length together, "
            "which spares models that read several at once some padding.",
        ),
    ] = True,
    cache: Annotated[
        Path | None, typer.Option(help="File that keeps results, so that no article is summarized twice in any run.")
    ] = None,
    cache_size: Annotated[int, typer.Option(min=1, help="Megabytes that it keeps; the oldest use goes first.")] = 1000,
    ray_address: Annotated[
        str | None, typer.Option(help="The Ray cluster: HOST:PORT or auto; default: a private one on this machine.")
    ] = None,
    ray_cpus: Annotated[float | None, typer.Option(min=0, help="CPUs of each Ray worker; default: 1.")] = None,
    ray_gpus: Annotated[float | None, typer.Option(min=0, help="GPUs of each; default: 1 if there are any.")] = None,
    work_dir: Annotated[
        Path | None, typer.Option(help="Where results for a store are made; default: in the cache.")
    ] = None,
    progress_mode: Annotated[str, typer.Option("--progress", help="bar, lines, json or quiet.")] = "bar",
) -> None:
    """Summarize every row of an input; a run that was ended goes on with the same command, and nothing is lost.

    Exit code 4: finished, and some rows have an error in place of a summary.
    """
    from summarizer.batch.deliveries import open_delivery
    from summarizer.batch.engine import EngineChoice
    from summarizer.batch.job import Job
    from summarizer.cli_batch_run import choose_workers, make_ray_options, open_cache, open_input, run_command
    from summarizer.pipeline import Summarizer

    choice = EngineChoice.parse(engine)
    ray = make_ray_options(choice.on_ray, ray_address, ray_cpus, ray_gpus)
    summarizer = Summarizer(model, translator=translator, engine=choice.runtime, device=device, base_url=base_url)
    request = {"target_language": to, "length": length, "style": style}
    reading = {"language": language, "clean": clean, "keep": check_reasons(keep), "check": not force}
    summarizer.check(to, length, style)
    named = {
        **{"id": id_column, "text": text_column, "html": html_column},
        **{"url": url_column, "title": title_column, "lang": lang_column},
    }
    columns = {ours: theirs for ours, theirs in named.items() if theirs is not None}
    with open_cache(cache, cache_size) as kept:
        job = Job(summarizer, request, reading, choose_workers(workers), batch_size, columns, ordered, kept)
        outcome = run_command(
            open_input(source, columns),
            open_delivery(output, work_dir),
            job,
            ray=ray,
            mode=progress_mode,
            restart=restart,
            retry_failed=retry_failed,
        )
    if not outcome.finished:
        raise typer.Exit(INTERRUPTED)
    if outcome.failed:
        raise typer.Exit(ROWS_FAILED)

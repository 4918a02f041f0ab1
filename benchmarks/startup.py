"""Time and memory of whole commands, each in a new process: ``python -m benchmarks.startup``.

The baseline is an empty Python program run in the same way between the others.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.machine import describe_machine

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = str(ROOT / "examples" / "pasted-article.txt")
CLI = [sys.executable, "-m", "summarizer"]
REPEATS = 5


def main() -> None:
    """Print one row for each command: median seconds, peak megabytes, ratio to the baseline."""
    print(describe_machine())
    print(f"{'command':52}{'seconds':>9}{'peak MB':>9}{'x empty':>9}   target")
    baseline, _ = measure([sys.executable, "-c", "pass"])
    show("python -c pass (baseline)", baseline, 0, baseline, "")
    with tempfile.TemporaryDirectory() as cache:
        show(
            "models get builtin (first use)", *measure([*CLI, "models", "get", "builtin"], 1, cache), baseline, "< 30 s"
        )
    subprocess.run([*CLI, "models", "get", "builtin"], check=True, stderr=subprocess.DEVNULL)
    rows: list[tuple[str, list[str], str]] = [
        ("import summarizer", [sys.executable, "-c", "import summarizer"], "< 0.3 s"),
        ("--help", [*CLI, "--help"], "< 0.5 s"),
        ("clean", [*CLI, "clean", SAMPLE], ""),
        ("summarize --model extractive", [*CLI, "summarize", SAMPLE, "--model", "extractive"], ""),
        ("summarize --style extractive", [*CLI, "summarize", SAMPLE, "--style", "extractive"], "< 6 s, < 1500 MB"),
        (
            "summarize --style extractive --to pt",
            [*CLI, "summarize", SAMPLE, "--style", "extractive", "--to", "pt"],
            "",
        ),
    ]
    for name, command, target in rows:
        show(name, *measure(command), baseline, target)


def show(name: str, seconds: float, megabytes: float, baseline: float, target: str) -> None:
    """Print one row of the table."""
    print(f"{name:52}{seconds:9.2f}{megabytes:9.0f}{seconds / baseline:9.1f}   {target}", flush=True)


def measure(command: list[str], repeats: int = REPEATS, cache: str | None = None) -> tuple[float, float]:
    """Run a command several times and return its median wall time in seconds and its peak memory in megabytes."""
    environment = {**os.environ, **({"SUMMARIZER_CACHE": cache} if cache else {})}
    runs = [_in_child(lambda: _run(command, environment)) for _ in range(repeats)]
    return statistics.median(seconds for seconds, _ in runs), max(peak for _, peak in runs)


def _run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    seconds = time.perf_counter() - started
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _in_child(work: Callable[[], tuple[float, float]]) -> tuple[float, float]:
    """Run in a forked child, whose record of its children's peak memory starts from nothing."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        seconds, peak = work()
        os.write(writer, f"{seconds} {peak}".encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        seconds, peak = map(float, pipe.read().split())
    return seconds, peak


if __name__ == "__main__":
    main()

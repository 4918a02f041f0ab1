"""Progress of a batch on stderr: what it says, how often, and to whom."""

import io
import itertools
import json
import os
import pty
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from summarizer.batch.displays import Status, printable
from summarizer.batch.memory import measure_memory
from summarizer.batch.progress import Progress
from summarizer.errors import BadOptionError

HOSTILE = "\x1b[2Jid\x9b31m\rover\u202egnp\x00\ud800 [bold red]سطر 行"

BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


class Clock:
    """Stands still until it is set."""

    now = 100.0

    def __call__(self):
        return self.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Broken(io.StringIO):
    def write(self, text):
        raise OSError("the terminal went away")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def stream():
    return io.StringIO()


def advance(progress, clock, *, seconds, each=1.0, failing=False):
    """Let rows of 100 tokens end, one after every ``each`` seconds."""
    for _ in range(round(seconds / each)):
        clock.now += each
        status = progress.status()
        done, failed = status.done + (not failing), status.failed + failing
        progress.update(done, failed, done * 100)


# --- what it says


def test_speed_is_that_of_the_last_minute_and_not_since_the_start(clock, stream):
    progress = Progress("quiet", 10_000, stream=stream, clock=clock, pulse=None)
    advance(progress, clock, seconds=600, each=0.1)
    assert progress.status().articles_per_second == pytest.approx(10, rel=0.02)

    advance(progress, clock, seconds=120, each=2)

    status = progress.status()
    assert status.articles_per_second == pytest.approx(0.5, rel=0.05)
    assert status.tokens_per_second == pytest.approx(50, rel=0.05)
    assert (status.seconds, status.done) == (pytest.approx(720), 6060)


def test_speed_falls_while_nothing_comes(clock, stream):
    progress = Progress("quiet", 1000, stream=stream, clock=clock, pulse=None)
    advance(progress, clock, seconds=60)

    clock.now += 540

    assert progress.status().articles_per_second == pytest.approx(0.1)


def test_rows_that_failed_are_no_speed_but_bring_the_end_nearer(clock, stream):
    progress = Progress("quiet", 120, stream=stream, clock=clock, pulse=None)
    advance(progress, clock, seconds=60, failing=True)

    status = progress.status()

    assert (status.articles_per_second, status.seconds_left, status.share) == (0, pytest.approx(60), 0.5)


def test_what_an_earlier_run_did_is_not_speed(clock, stream):
    progress = Progress("quiet", 1000, done=880, failed=20, tokens=88_000, stream=stream, clock=clock, pulse=None)
    assert progress.status().seconds_left is None
    advance(progress, clock, seconds=50)

    status = progress.status()

    assert status.articles_per_second == pytest.approx(1)
    assert status.tokens_per_second == pytest.approx(100)
    assert (status.seconds_left, status.share) == (pytest.approx(50), 0.95)


def test_time_left_is_told_by_bytes_where_the_rows_are_not_counted(clock, stream):
    progress = Progress("quiet", stream=stream, clock=clock, pulse=None)
    clock.now += 10
    progress.update(20, 0, 100)
    assert progress.status().seconds_left is None

    progress.update(20, 0, 100, position=(1_000, 5_000))
    status = progress.status()

    assert (status.total, status.share, status.seconds_left) == (None, 0.2, pytest.approx(40))
    progress.update(40, 0, 200)
    assert progress.status().share == 0.2


def test_no_rows_are_no_error(clock, stream):
    for total in (0, 10, None):
        with Progress("lines", total, stream=stream, clock=clock, pulse=None) as progress:
            progress.update(0, 0, 0, position=(0, 0))
    assert "0 of 10, 0 failed" in stream.getvalue()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_memory_is_that_of_the_process_and_of_those_below_it():
    program = "import sys; held = b'x' * 200_000_000; print(flush=True); sys.stdin.read()"
    alone = measure_memory()

    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        together = measure_memory()

    assert 200e6 < together - alone < 300e6
    assert measure_memory() < alone + 100e6


def test_figures_that_are_not_known_are_left_out():
    unknown = Status(7, 1, None, None, 0.0, None, None, None, None)
    known = Status(1200, 34, 5000, 0.2468, 60.0, 20.04, 12345.6, 3725.4, 812_000_000)

    assert unknown.to_text() == "8, 1 failed"
    assert known.to_text() == (
        "24 %, 1,234 of 5,000, 34 failed, 1:02:05 left, 20.0 articles/s, 12,346 tokens/s, 812 MB"
    )
    assert Status(8, 0, None, None, 0.0, None, None, None, None, cached=5).to_text() == "8, 0 failed, 5 from cache"
    assert Status(999, 0, 1000, 0.999, 1.0, None, None, None, None).to_text().startswith("99 %")


# --- how it is shown


def test_lines_come_every_ten_seconds_and_at_the_end(clock, stream):
    with Progress("lines", 100, stream=stream, clock=clock, pulse=None) as progress:
        advance(progress, clock, seconds=25, each=0.5)
        assert len(stream.getvalue().splitlines()) == 2

    lines = stream.getvalue().splitlines()
    assert [line.split(",")[1] for line in lines] == [" 20 of 100", " 40 of 100", " 50 of 100"]


@pytest.mark.parametrize("mode", ["lines", "json"])
def test_a_line_comes_every_ten_seconds_while_one_step_takes_minutes(clock, stream, mode):
    with Progress(mode, 100, stream=stream, clock=clock, pulse=None) as progress:
        advance(progress, clock, seconds=1)
        for _ in range(120):
            clock.now += 1
            progress.look()
        assert len(stream.getvalue().splitlines()) == 12
    assert progress.status().articles_per_second < 0.02


class Heard(io.StringIO):
    """Tells when it has been written three lines."""

    def __init__(self):
        super().__init__()
        self.enough = threading.Event()

    def write(self, text):
        written = super().write(text)
        if self.getvalue().count("\n") == 3:
            self.enough.set()
        return written


def test_lines_come_from_a_thread_of_their_own_that_ends_with_the_batch():
    stream, seconds = Heard(), itertools.count(0, 5)
    with Progress("lines", 100, stream=stream, clock=lambda: next(seconds), pulse=0.001):
        assert stream.enough.wait(60), "nobody has called update"
    told = stream.getvalue()
    assert "progress" not in {thread.name for thread in threading.enumerate()}
    assert stream.getvalue() == told


def test_a_note_is_one_plain_line(stream):
    with Progress("lines", 100, stream=stream) as progress:
        progress.note(HOSTILE)
        assert stream.getvalue() == printable(HOSTILE) + "\n"


def test_json_lines_can_be_read_by_a_log_collector(clock, stream):
    with Progress("json", 100, stream=stream, clock=clock, pulse=None) as progress:
        advance(progress, clock, seconds=10)
        progress.note(HOSTILE)

    events = [json.loads(line) for line in stream.getvalue().splitlines()]

    assert [event["event"] for event in events] == ["progress", "note", "progress"]
    assert events[0] | {"memory": None} == {
        "event": "progress",
        "done": 10,
        "failed": 0,
        "total": 100,
        "share": 0.1,
        "seconds": 10.0,
        "articles_per_second": 1.0,
        "tokens_per_second": 100.0,
        "seconds_left": 90.0,
        "memory": None,
        "cached": 0,
    }
    assert events[1]["text"] == HOSTILE
    assert all(" " <= character <= "~" for character in stream.getvalue().replace("\n", ""))


def test_quiet_says_nothing(clock, stream):
    with Progress("quiet", 100, stream=stream, clock=clock, pulse=None) as progress:
        advance(progress, clock, seconds=60)
        progress.note("a note")
    assert stream.getvalue() == ""


def test_a_bar_becomes_lines_where_stderr_is_no_terminal(clock, stream, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Progress("bar", 100, stream=stream, clock=clock, pulse=None) as progress:
        advance(progress, clock, seconds=10)
    assert stream.getvalue().splitlines()[0].startswith("10 %, 10 of 100, 0 failed, 0:01:30 left, 1.0 articles/s")
    assert "\x1b" not in stream.getvalue()


def test_a_dumb_terminal_gets_lines(clock, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    with Progress("bar", 100, stream=stream, clock=clock, pulse=None) as progress:
        advance(progress, clock, seconds=10)
    assert len(stream.getvalue().splitlines()) == 2
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize("columns", [40, 80, 100, 200])
def test_a_bar_fits_the_terminal_in_one_line(clock, monkeypatch, columns):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = Terminal()
    with Progress("bar", 100, stream=stream, clock=clock, pulse=None) as progress:
        advance(progress, clock, seconds=10)

    drawn = Text.from_ansi(stream.getvalue().rpartition("\r")[2]).plain.rstrip()

    assert "\n" not in drawn
    assert len(drawn) <= columns
    assert "10 %, 10 of 100" in drawn
    assert ("100 tokens/s" in drawn) is (columns > 40)
    assert ("━" in drawn) is (columns > 80)


PROGRAM = """
import sys
from summarizer.batch.progress import Progress
with Progress("bar", 10) as progress:
    progress.update(4, 1, 400)
    progress.note({hostile!r})
    print("a warning of somebody else", file=sys.stderr)
    print("a result")
    progress.update(8, 2, 800)
"""


def test_on_a_real_terminal_the_line_is_drawn_over_and_results_go_to_stdout():
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(hostile=HOSTILE)],
        stdout=subprocess.PIPE,
        stderr=follower,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120", "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as program:
        os.close(follower)
        shown = b"".join(iter(lambda: _read(leader), b"")).decode()
        assert program.stdout.read() == b"a result\n"
    os.close(leader)

    assert program.returncode == 0
    assert "100 %, 10 of 10, 2 failed" in shown.rpartition("\r\x1b[2K")[2]
    assert "a warning of somebody else\r\n" in shown
    assert printable(HOSTILE) in shown
    assert "\x1b[2J" not in shown
    assert not set(shown) & set("\x9b\u202e\0")
    assert "\x1b[?25h" in shown, "the cursor is back"


HANGUP = """
import signal, sys
from summarizer.batch.progress import Progress
signal.signal(signal.SIGHUP, signal.SIG_IGN)
with Progress("bar", 10) as progress:
    print("begun", flush=True)
    sys.stdin.readline()
    progress.update(5, 0, 500)
    progress.note("a note")
print("finished")
"""


def test_a_terminal_that_is_closed_does_not_end_the_work():
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", HANGUP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=follower,
        env={**os.environ, "TERM": "xterm", "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as program:
        os.close(follower)
        assert program.stdout.readline() == b"begun\n"
        os.close(leader)
        assert program.communicate(b"\n", timeout=60)[0] == b"finished\n"

    assert program.returncode == 0


def _read(descriptor):
    try:
        return os.read(descriptor, 4096)
    except OSError:  # how Linux tells that nobody holds the other end any more
        return b""


def test_progress_that_cannot_be_written_does_not_end_the_work(clock):
    closed = io.StringIO()
    closed.close()
    for mode, stream in itertools.product(("lines", "json"), (Broken(), closed)):
        with Progress(mode, 100, stream=stream, clock=clock, pulse=None) as progress:
            advance(progress, clock, seconds=20)
            progress.note("a note")
        assert progress.status().done == 20


def test_a_mode_that_means_nothing_is_refused():
    with pytest.raises(BadOptionError, match="use bar, lines, json, quiet"):
        Progress("loud")


# --- text of others


@given(st.text(st.characters(codec=None), max_size=50) | st.text("\x1b[]\r\n\x9b\u202e\u2066\u200fא 行", max_size=20))
def test_text_of_others_cannot_steer_a_terminal(text):
    shown = printable(text)

    assert all(unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp") for character in shown)
    assert all(unicodedata.bidirectional(character) not in BIDI_CONTROLS for character in shown)
    console = Console(file=io.StringIO(), record=True, width=1000)
    console.print(Text(shown))
    assert console.export_text() == shown + "\n"


def test_text_of_any_script_stays_as_it_is():
    for text in ("Grève à Zürich", "سطر", "שורה", "行 one", "क्‍ष", "👩‍👩‍👧"):
        assert printable(text) == text
    assert printable("a\nb\x1b[1m\u202e") == "a\\nb\\x1b[1m\\u202e"

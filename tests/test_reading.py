import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PEAK_MEGABYTES
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.decoding import MAX_BYTES, MAX_CHARACTERS
from summarizer.errors import (
    BadRowError,
    EmptyInputError,
    InputError,
    InputNotFoundError,
    InputTooLargeError,
    UnreadableInputError,
)
from summarizer.reading import RawInput, read_file, read_row, read_stream, row_url

TEXT = "The ferry sails again.\n\nIt carries ninety people, says the harbour master – “and no cars”."
HTML = f"<!DOCTYPE html><html><head><meta charset=utf-8></head><body><p>{TEXT}</p></body></html>"


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.mark.parametrize("name", ["story.txt", "story", "story.TXT", "story.log", "story.2024"])
def test_text_is_read_as_it_is(write, name):
    path = write(name, TEXT)
    assert read_file(path) == RawInput(TEXT, "text", str(path))


@pytest.mark.parametrize("name", ["page.html", "page.HTM", "page.xhtml", "page.txt", "page"])
def test_pages_are_told_by_suffix_or_content(write, name):
    assert read_file(write(name, HTML)).kind == "html"


def test_a_page_by_suffix_needs_no_tags(write):
    assert read_file(write("page.html", TEXT)).kind == "html"


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-16"])
def test_pages_are_decoded_by_what_they_declare(write, encoding):
    page = f"<html><head><meta charset={encoding}></head><body><p>Паром снова ходит.</p></body></html>"
    assert read_file(write("page.html", page.encode(encoding))).text == page


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("story.txt.gz", TEXT, "text"),
        ("story.gz", TEXT, "text"),
        ("page.html.gz", HTML, "html"),
        ("row.json.gz", json.dumps({"text": TEXT}), "text"),
        ("row.jsonl.GZ", json.dumps({"html": HTML}) + "\n", "html"),
        ("packed-without-suffix.txt", TEXT, "text"),
    ],
)
def test_gzip_is_unpacked_and_the_inner_suffix_counts(write, name, content, kind):
    raw = read_file(write(name, gzip.compress(content.encode())))
    assert (raw.text, raw.kind) == (HTML if kind == "html" else TEXT, kind)


def test_a_suffix_that_claims_gzip_is_not_believed(write):
    assert read_file(write("story.txt.gz", TEXT)).text == TEXT


MARKDOWN = """---
date: 2024-03-12
title: "The ferry sails"
---

# News from the *harbour*

The **ferry** sails [again](https://courier.example/ferry_(boat)), ![photo](ferry.jpg)says _Mara Tilling_.

> It carries *ninety* people.

## What it costs ##

2 * 3 * 4 is 24, snake_case_name stays, and so does # 7.
"""


def test_markdown_becomes_plain_text(write):
    raw = read_file(write("story.md", MARKDOWN.replace("_(boat)", "")))
    assert raw.title == "The ferry sails"
    assert raw.text.split("\n") == [
        "News from the harbour",
        "",
        "The ferry sails again, says Mara Tilling.",
        "",
        "It carries ninety people.",
        "",
        "What it costs",
        "",
        "2 * 3 * 4 is 24, snake_case_name stays, and so does # 7.",
        "",
    ]


def test_the_first_heading_of_markdown_is_the_title(write):
    raw = read_file(write("story.markdown", "# The *ferry* sails\n\nIt does.\n"))
    assert (raw.title, raw.text.strip()) == ("The ferry sails", "It does.")


def test_markdown_without_marks_stays_as_it_is(write):
    assert read_file(write("story.md", TEXT)).text == TEXT


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("row.json", {"id": 7, "title": "Ferry", "lang": "en", "text": TEXT, "url": "https://courier.example"}),
        ("row.json", [{"id": "7", "title": "Ferry", "language": "en", "text": TEXT}]),
        ("row.jsonl", {"id": "7", "title": "Ferry", "lang": "en", "language": None, "text": TEXT, "html": HTML}),
    ],
)
def test_a_single_row_of_json_is_read(write, name, content):
    path = write(name, json.dumps(content))
    assert read_file(path) == RawInput(TEXT, "text", str(path), "Ferry", "en", "7")


def test_a_line_of_json_may_hold_other_line_separators(write):
    assert read_file(write("row.jsonl", '\n{"text": "one\u2028two"}\n\n')).text == "one\u2028two"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("rows.jsonl", '{"text": "a"}\n{"text": "b"}\n', "2 rows.*summarize_many"),
        ("rows.json", '[{"text": "a"}, {"text": "b"}, {"text": "c"}]', "3 rows.*summarize_many"),
        ("row.json", '{"text": "a"', "not valid JSON"),
        ("row.json", "[" * 100_000, "not valid JSON"),
        ("row.json", '{"text": "a"}\n{"text": "b"}', "not valid JSON"),
        ("row.json", '"a"', "no row"),
        ("row.json", "[]", "no row"),
        ("row.json", "[[]]", "no row"),
        ("row.json", '{"body": "a"}', "neither 'text' nor 'html', but 'body'"),
        ("row.json", "{}", "neither 'text' nor 'html', but no keys"),
        ("row.json", '{"text": 5}', "'text' is int"),
        ("row.json", '{"text": ["a"]}', "'text' is list"),
        ("row.json", '{"html": {}}', "'html' is dict"),
        ("row.json", '{"text": "a", "title": 1}', "'title' is int"),
        ("row.json", '{"text": "a", "lang": true}', "'lang' is bool"),
        ("row.json", '{"text": "a", "id": true}', "'id' is bool"),
        ("row.json", '{"url": "https://courier.example/"}', "only a 'url'"),
        ("row.json", '{"url": 5}', "'url' is int"),
    ],
)
def test_bad_rows_say_what_is_wrong(write, name, content, message):
    with pytest.raises(BadRowError, match=message):
        read_file(write(name, content))


def test_missing_values_of_tables_are_missing():
    assert read_row({"text": float("nan"), "html": HTML, "id": None, "title": float("nan")}) == RawInput(HTML, "html")


def test_html_in_the_text_of_a_row_is_html():
    assert read_row({"text": "<p>One.</p><p>Two.</p>"}).kind == "html"


def test_html_is_read_where_the_text_is_blank():
    assert read_row({"text": " ", "html": HTML}).text == HTML


@pytest.mark.parametrize(
    ("row", "url"),
    [({"url": "https://a.example"}, "https://a.example"), ({"url": "u", "text": "t"}, None), ({"text": "t"}, None)],
)
def test_the_address_of_a_row_counts_only_where_there_is_no_text(row, url):
    assert row_url(row) == url


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.md", "a.json", "a.jsonl", "a"])
@pytest.mark.parametrize("content", ["", " \n\t\r\n", "\ufeff", "\u200b\u00a0", gzip.compress(b" ", mtime=0)], ids=repr)
def test_empty_files_are_called_empty(write, name, content):
    with pytest.raises(EmptyInputError, match="nothing to read"):
        read_file(write(name, content))


@pytest.mark.parametrize("row", [{"text": ""}, {"text": " \n"}, {"html": "\u200b"}, {"text": "", "html": ""}])
def test_empty_rows_are_called_empty(row):
    with pytest.raises(EmptyInputError):
        read_row(row)


def test_markdown_of_nothing_but_a_title_is_empty(write):
    with pytest.raises(EmptyInputError, match="but a title"):
        read_file(write("a.md", "---\ntitle: x\n---\n"))


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(InputNotFoundError, match=r"no file .*story\.txt"):
        read_file(tmp_path / "story.txt")


def test_a_row_on_a_stream_is_read_as_a_row():
    raw = read_stream(io.BytesIO(b'{"id": 7, "text": "The ferry stays."}'))
    assert (raw.id, raw.text) == ("7", "The ferry stays.")
    prose = '{"ferry": 1} is not what the council wrote.'
    assert read_stream(io.BytesIO(prose.encode())).text == prose


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(InputNotFoundError, match=r"is a folder"):
        read_file(tmp_path)


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_impossible_names_are_not_found(name):
    with pytest.raises(InputNotFoundError, match="cannot be opened"):
        read_file(Path(name))


@pytest.mark.parametrize("name", ["big.txt", "big.html", "big.json", "big.md", "big.gz"])
def test_twenty_megabytes_are_too_large(tmp_path, name):
    path = tmp_path / name
    with path.open("wb") as stream:
        stream.truncate(20_000_000)
    with pytest.raises(InputTooLargeError, match="larger than 10,000,000 bytes"):
        read_file(path)


def test_more_text_than_an_article_has_is_too_large(write):
    for name in ("long.txt", "long.md"):
        with pytest.raises(InputTooLargeError, match="1,000,001 characters"):
            read_file(write(name, "x" * (MAX_CHARACTERS + 1)))
    with pytest.raises(InputTooLargeError):
        read_row({"text": "x" * (MAX_CHARACTERS + 1)})


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(99),
        bytes(500),
        b"%PDF-1.4",
        "語".encode()[:2],
        gzip.compress(TEXT.encode(), mtime=0)[:-9],
    ],
    ids=["image", "zeros", "pdf", "half a character", "half an archive"],
)
@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.json"])
def test_what_is_not_text_is_unreadable(write, name, content):
    with pytest.raises(UnreadableInputError):
        read_file(write(name, content))


class Endless(io.RawIOBase):
    """A stream like /dev/zero that counts what was asked of it."""

    given = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        size = min(len(buffer), 1 << 16)
        buffer[:size] = b"x" * size
        self.given += size
        return size


def test_an_endless_stream_is_left_at_the_limit():
    stream = Endless()
    with pytest.raises(InputTooLargeError, match="standard input is larger"):
        read_stream(stream)
    assert stream.given == MAX_BYTES + 1


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless file")
def test_an_endless_file_is_left_at_the_limit():
    with pytest.raises(InputTooLargeError):
        read_file(Path("/dev/zero"))


@pytest.mark.parametrize("content", [TEXT.encode(), gzip.compress(TEXT.encode(), mtime=0), TEXT.encode("utf-16")])
def test_a_stream_is_read_like_a_file_and_stays_open(content):
    stream = io.BytesIO(content)
    assert read_stream(stream) == RawInput(TEXT, "text", "standard input")
    assert not stream.closed


def test_a_pipe_is_read_to_its_end():
    code = "import sys; from summarizer.reading import read_stream; print(len(read_stream(sys.stdin.buffer).text))"
    run = subprocess.run([sys.executable, "-c", code], input=b"word " * 100_000, capture_output=True, check=True)
    assert int(run.stdout) == 500_000


BOMB = f"""
import sys, time
from pathlib import Path
from summarizer.errors import InputTooLargeError
from summarizer.reading import read_file
{PEAK_MEGABYTES}before, started = peak_megabytes(), time.process_time()
try:
    read_file(Path(sys.argv[1]))
except InputTooLargeError:
    grown = peak_megabytes() - before
    print(grown, time.process_time() - started)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_a_gzip_bomb_is_refused_fast_and_in_little_memory(write):
    bomb = gzip.compress(bytes(1 << 20)) * 9000  # 9 MB that are 9 GB of zeros
    assert 8_000_000 < len(bomb) < MAX_BYTES
    command = [sys.executable, "-c", BOMB, str(write("bomb.txt.gz", bomb))]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    megabytes, seconds = map(float, run.stdout.split())
    assert megabytes < 100
    assert seconds < 2


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.txt", "a.md", "a.json", "a.jsonl", "a.html", "a.gz"]))
def test_any_bytes_are_read_or_refused(data, name):
    try:
        assert isinstance(read_stream(io.BytesIO(data), name).text, str)
    except InputError as error:
        assert str(error)

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from hashlib import sha256

import pytest
from conftest import PEAK_MEGABYTES, ROOT
from file_server import serve_files
from hypothesis import example, given, settings
from hypothesis import strategies as st

from summarizer.batch.source_rows import DigestMap
from summarizer.batch.sources import Positioned, open_source
from summarizer.decoding import MAX_BYTES
from summarizer.errors import (
    BadOptionError,
    BadRowError,
    EmptyInputError,
    FetchRefusedError,
    InputNotFoundError,
    InputTooLargeError,
    SummarizerError,
    UnreadableInputError,
)
from summarizer.fetching import FetchSettings

TEXT = "The ferry sails again. It carries ninety people – “and no cars”."


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def read(source, start=0, **options):
    return list(open_source(source, **options).rows(start))


def digest(text):
    return sha256(text.encode()).hexdigest()[:16]


def zstd(data):
    import pyarrow

    return pyarrow.compress(data, "zstd", asbytes=True)


def write_parquet(path, columns, **options):
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(columns), path, **options)
    return str(path)


# JSON lines


def test_json_lines_give_numbered_rows_with_their_ids(write):
    one, two = read(write("in.jsonl", lines({"id": 7, "text": TEXT, "lang": "en", "score": 1}, {"text": "Two."})))

    assert (one.number, one.id, one.value, one.error) == (0, "7", {"text": TEXT, "lang": "en"}, None)
    assert (two.number, two.id, two.value) == (1, digest("Two."), {"text": "Two."})


def test_blank_lines_are_no_rows(write):
    rows = read(write("in.jsonl", '\n{"text": "One."}\r\n  \r\n\n{"text": "Two."}'))
    assert [(row.number, row.value["text"]) for row in rows] == [(0, "One."), (1, "Two.")]


BROKEN = {
    "{": BadRowError,
    "[1]": BadRowError,
    '"text"': BadRowError,
    "null": BadRowError,
    "[" * 100_000: BadRowError,
    "1" * 5_000: BadRowError,
    '{"id": "x", "title": "No text"}': BadRowError,
    '{"text": 5}': BadRowError,
    '{"text": ["a"]}': BadRowError,
    '{"text": "a", "title": 5}': BadRowError,
    '{"url": "https://example.org", "lang": {}}': BadRowError,
    '{"id": [1], "text": "a"}': BadRowError,
    '{"id": true, "text": "a"}': BadRowError,
    '{"text": ""}': EmptyInputError,
    '{"text": " \\n"}': EmptyInputError,
    '{"text": "\\u200b"}': EmptyInputError,
    '{"text": null}': EmptyInputError,
    '{"text": NaN}': EmptyInputError,
    '{"text": "' + "a" * 1_000_001 + '"}': InputTooLargeError,
    '{"text": "' + "a" * MAX_BYTES + '"}': InputTooLargeError,
    "\x00\x01\x02": BadRowError,
    b"\xff\xd8\xff\xe0 JFIF": UnreadableInputError,
    b"\x00\xff\xfe\x80": UnreadableInputError,
}


@pytest.mark.parametrize(("line", "error"), BROKEN.items(), ids=[f"{line[:40]!r}" for line in BROKEN])
def test_a_broken_row_is_an_error_and_the_next_row_is_read(write, line, error):
    line = line if isinstance(line, bytes) else line.encode()
    good = lines({"id": "good", "text": TEXT}).encode()
    first, broken, last = read(write("in.jsonl", lines({"text": "First."}).encode() + line.strip() + b"\n" + good))

    assert (first.error, last.id, last.error, last.number) == (None, "good", None, 2)
    assert type(broken.error) is error
    assert broken.value is None
    assert len(broken.error.message) < 500


def test_a_broken_row_keeps_the_id_it_brings(write):
    _, row, other = read(write("in.jsonl", lines({"text": TEXT}, {"id": "a", "text": " "}, {"text": 5, "title": "b"})))
    assert (row.id, other.id) == ("a", "")


def test_an_id_that_comes_again_names_the_row_that_had_it_first(write):
    path = write("in.jsonl", lines({"id": 1, "text": "One."}, {"id": "2", "text": "Two."}, {"id": "1", "text": "3."}))
    *_, again = read(path)

    assert (again.id, again.value, type(again.error)) == ("1", None, BadRowError)
    assert "Row 0" in again.error.message
    assert [row.error.message for row in read(path, start=2)] == [again.error.message]


def test_equal_rows_without_ids_have_numbered_digests(write):
    name = digest("Same.")
    rows = [{"text": "Same."}, {"text": "Same."}, {"id": f"{name}-3", "text": "Taken."}, {"text": "Same."}]
    path = write("in.jsonl", lines(*rows))

    assert [row.id for row in read(path)] == [name, f"{name}-2", f"{name}-3", f"{name}-4"]
    assert [row.id for row in read(path, start=3)] == [f"{name}-4"]


def test_half_a_character_in_escapes_does_not_break_what_is_written_later(write):
    (row,) = read(write("in.jsonl", '{"id": "\\ud800", "text": "A \\udc00 b \\ud83d\\ude00"}'))
    assert row.value["text"].encode().decode() == "A \ufffd b 😀"
    assert row.id == "\ufffd"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1251", "koi8-r"])
@pytest.mark.parametrize("name", ["in.jsonl", "in.csv"])
def test_lines_are_read_in_any_encoding(write, encoding, name, example_articles):
    missing = str.maketrans("—\xa0", "- ", "«»")  # not in every one of these encodings
    texts = [line for line in example_articles["ru"][0].translate(missing).split("\n") if line]
    if name.endswith("csv"):
        content = "id,text\n" + "".join(f'{number},"{text}"\n' for number, text in enumerate(texts))
    else:
        content = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)

    assert [row.value["text"] for row in read(write(name, content.encode(encoding)))] == texts


def test_a_line_that_says_little_of_its_encoding_is_read_like_the_others(write, example_articles):
    texts = [*(line for line in example_articles["ru"][0].split("\n") if line), "Да.", "Ё"]
    content = "text\n" + "".join(f'"{text}"\n' for text in texts)

    assert [row.value["text"] for row in read(write("in.csv", content.encode("cp1251")))] == texts


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstd)])
@pytest.mark.parametrize("name", ["in.jsonl", "in.csv"])
def test_compressed_files_are_read_and_tell_how_far(write, name, suffix, pack):
    content = lines({"text": "One."}, {"text": "Two."}) if name == "in.jsonl" else "text\nOne.\nTwo.\n"
    data = pack(content.encode())
    source = open_source(write(name + suffix, data + pack(b'{"text": "Three."}' if name == "in.jsonl" else b"Three.")))

    assert [row.value["text"] for row in source.rows()] == ["One.", "Two.", "Three."]
    assert isinstance(source, Positioned)
    assert source.position()[0] == source.position()[1] > len(data)


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_damaged_archive_gives_what_is_whole_and_then_says_so(write, pack):
    rows = [{"text": f"{number} {os.urandom(200).hex()}"} for number in range(2000)]
    data = pack(lines(*rows).encode())
    *good, last = read(write("in.jsonl", data[: len(data) // 2]))

    assert [row.value for row in good] == rows[: len(good)]
    assert len(good) > 500
    assert isinstance(last.error, UnreadableInputError)


def test_how_far_a_file_has_been_read_shows_on_the_way(write):
    source = open_source(write("in.jsonl", lines({"text": "One."}, {"text": "Two."})))
    assert source.total is None
    assert source.position()[0] == 0
    rows = source.rows()
    next(rows)
    assert source.position() == (17, 34)


# Columns


def test_usual_names_of_columns_are_known(write):
    row = {"guid": "a", "Headline": "Ferry", "content": TEXT, "language": "en", "link": "https://example.org/a"}
    (found,) = read(write("in.jsonl", lines(row)))

    assert found.id == "a"
    assert found.value == {"title": "Ferry", "text": TEXT, "lang": "en", "url": "https://example.org/a"}


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv", "in.parquet"])
def test_columns_without_an_article_are_named_with_what_to_do(write, tmp_path, name):
    content = lines({"key": 1, "story": TEXT}) if name == "in.jsonl" else f"key,story\n1,{TEXT}\n"
    path = write(name, content)
    if name == "in.parquet":
        write_parquet(path, {"key": [1], "story": [TEXT]})

    with pytest.raises(BadOptionError, match=r"--text-column.* 'key', 'story'\."):
        open_source(path)
    assert read(path, columns={"text": "story", "id": "key"})[0].value == {"text": TEXT}
    with pytest.raises(BadOptionError, match=r"no column 'stroy' \(--text-column\).*'story'"):
        open_source(path, columns={"text": "stroy"})


def test_two_columns_that_could_be_meant_are_not_guessed_between(write):
    path = write("in.csv", "body,content\nOne.,Two.\n")

    with pytest.raises(BadOptionError, match=r"'body', 'content'.*--text-column"):
        open_source(path)
    assert read(path, columns={"text": "content"})[0].value == {"text": "Two."}


def test_the_column_that_the_user_names_is_the_only_one_that_holds_the_article(write):
    path = write("in.jsonl", lines({"text": "Teaser.", "page": "<p>Page.</p>", "title": "T"}))
    assert read(path, columns={"html": "page"})[0].value == {"html": "<p>Page.</p>", "title": "T"}


def test_a_column_under_two_headings_of_one_name_is_refused(write):
    with pytest.raises(BadOptionError, match="several columns 'text'"):
        open_source(write("in.csv", "text,text\na,b\n"))


def test_keys_that_only_later_rows_have_are_known(write):
    rows = read(write("in.jsonl", lines(*[{"content": f"{n}."} for n in range(150)], {"id": "x", "html": "<p>a</p>"})))
    assert (rows[-1].id, rows[-1].value) == ("x", {"html": "<p>a</p>"})


def test_a_name_of_ours_that_does_not_exist_is_refused(write):
    with pytest.raises(BadOptionError, match="'summary'"):
        open_source(write("in.csv", "text\na\n"), columns={"summary": "text"})


# CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_first_line(write, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["id", "text", "title"], ["1", 'a,b;c\td|e "f"\r\ng', ""]])
    (row,) = read(write("in.csv", out.getvalue()))
    assert (row.id, row.value) == ("1", {"text": 'a,b;c\td|e "f"\r\ng'})


def test_long_fields_and_line_breaks_in_quotes_are_one_row(write):
    text = "A line of a long article.\n" * 30_000
    one, two = read(write("in.csv", f'id,text\n1,"{text}"\n\n2,Short.\n'))
    assert (one.value["text"], two.number, two.value["text"]) == (text, 1, "Short.")


@pytest.mark.parametrize(
    "broken",
    ["1", "1,a,b", '1,"never closed', '1,"a"b', "1,\x00\xff\xfe\x80", f"1,{'a' * MAX_BYTES}", '1,"a\n\x81\x00'],
)
def test_a_broken_row_of_a_table_costs_no_other_row(write, broken):
    rows = read(write("in.csv", f'id,text\n0,Zero.\n{broken}\n2,"Two."\n3,"Three,\n3."\n'.encode("latin-1")))
    good = [(row.id, row.value["text"]) for row in rows if row.error is None]

    assert good == [("0", "Zero."), ("2", "Two."), ("3", "Three,\n3.")]
    assert [row.number for row in rows] == list(range(len(rows)))
    assert all(isinstance(row.error, SummarizerError) for row in rows[1:-2])
    assert 4 <= len(rows) <= 5


def test_hostile_quotation_marks_do_not_have_a_table_read_for_ever(write):
    rows = read(write("in.csv", "text\n" + 'a",b,"\n' * 100_000))
    assert all(isinstance(row.error, BadRowError) for row in rows)


def test_a_row_of_too_many_lines_is_given_up(write):
    rows = read(write("in.csv", 'text\n"' + "a" * 999 + "\n" + ("b" * 999 + "\n") * 11_000))
    assert isinstance(rows[0].error, InputTooLargeError)
    assert "line 2 " in rows[0].error.message
    assert {row.error for row in rows[1:]} == {None}
    assert len(rows) > 900


def test_quotation_marks_of_tables_that_know_no_quoting_are_kept(write):
    rows = read(write("in.tsv", 'id\ttext\n1\t"Come," he said.\n2\t"Never closed\n3\t"Whole"\n'))
    assert [row.value["text"] for row in rows] == ['"Come," he said.', '"Never closed', "Whole"]


def test_a_table_without_a_line_of_names_is_refused(write):
    with pytest.raises(EmptyInputError):
        open_source(write("in.csv", "\n \n"))
    with pytest.raises(UnreadableInputError):
        open_source(write("in.csv", b"\x89PNG\r\n\x1a\n"))


# Parquet


def test_parquet_is_read_in_batches_with_its_number_of_rows(tmp_path):
    texts = [f"Article {number}." for number in range(1000)]
    columns = {"id": list(range(1000)), "text": texts, "other": texts}
    source = open_source(write_parquet(tmp_path / "in.parquet", columns, row_group_size=300))

    rows = list(source.rows(start=10))

    assert source.total == 1000
    assert [(row.number, row.id, row.value) for row in rows] == [
        (n, str(n), {"text": texts[n]}) for n in range(10, 1000)
    ]


def test_cells_of_parquet_are_checked_like_any_other(tmp_path):
    columns = {"text": [TEXT, None, " ", TEXT], "html": [b"<p>\xe4\xe9</p>", b"<p>a</p>", None, None]}
    rows = read(write_parquet(tmp_path / "in.parquet", columns))

    assert rows[0].value == {"text": TEXT, "html": "<p>äé</p>"}
    assert rows[1].value == {"html": "<p>a</p>"}
    assert isinstance(rows[2].error, EmptyInputError)
    assert rows[3].id == f"{rows[0].id}-2"


def test_a_cell_that_is_not_utf_8_costs_no_other_row(tmp_path):
    import pyarrow

    bad = pyarrow.array([b"One.", b"\xff\xfe", b"Three."], pyarrow.binary()).view(pyarrow.string())
    one, two, three = read(write_parquet(tmp_path / "in.parquet", {"text": bad}))

    assert (one.value, three.value) == ({"text": "One."}, {"text": "Three."})
    assert isinstance(two.error, UnreadableInputError)


def test_a_damaged_row_group_has_as_many_errors_as_rows(tmp_path):
    texts = [f"Article {number} {os.urandom(40).hex()}." for number in range(900)]
    path = tmp_path / "in.parquet"
    write_parquet(path, {"text": texts}, row_group_size=300, compression="zstd", use_dictionary=False)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 100] = bytes(100)
    path.write_bytes(data)

    rows = read(str(path))

    assert [row.number for row in rows] == list(range(900))
    assert {type(row.error) for row in rows[300:600]} == {UnreadableInputError}
    assert [row.value["text"] for row in rows[:300] + rows[600:]] == texts[:300] + texts[600:]


def test_what_is_not_parquet_is_refused(write):
    with pytest.raises(UnreadableInputError, match="not a Parquet file"):
        open_source(write("in.parquet", "text\na\n"))


# Folders


def test_a_folder_is_read_in_the_order_of_names(write, tmp_path):
    write("in/b.txt", TEXT)
    write("in/a/page.html", "<p>Page.</p>")
    write("in/c.md", "# Ferry\n\nIt sails.")
    write("in/d.json", '{"id": "other", "text": "Row.", "lang": "en"}')
    write("in/e.txt.gz", gzip.compress(b"Packed."))
    write("in/f.txt", "")
    for name in ("in/.hidden.txt", "in/.git/a.txt", "in/image.png"):
        write(name, "not read")
    source = open_source(str(tmp_path / "in"))

    rows = list(source.rows())

    assert source.total == len(rows) == 6
    assert [row.id for row in rows] == ["a/page.html", "b.txt", "c.md", "d.json", "e.txt.gz", "f.txt"]
    assert [row.value for row in rows[:5]] == [
        {"html": "<p>Page.</p>"},
        {"text": TEXT},
        {"text": "\n\nIt sails.", "title": "Ferry"},
        {"text": "Row.", "lang": "en"},
        {"text": "Packed."},
    ]
    assert isinstance(rows[5].error, EmptyInputError)
    assert next(source.rows(start=4)) == rows[4]


def test_names_of_files_that_are_not_text_are_ids_that_can_be_written(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text(TEXT)
    (row,) = read(str(tmp_path))
    assert row.id == "caf\\udce9.txt"
    assert open_source(str(tmp_path)).fingerprint()


def test_what_is_no_file_is_an_error_and_nothing_waits_for_it(write, tmp_path):
    os.mkfifo(tmp_path / "a.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "nowhere")
    write("c.txt", TEXT)
    source = open_source(str(tmp_path))
    pipe, link, file = source.rows()

    assert isinstance(pipe.error, UnreadableInputError)
    assert isinstance(link.error, InputNotFoundError)
    assert file.value == {"text": TEXT}
    assert source.fingerprint()
    os.mkfifo(tmp_path / "in.jsonl")
    with pytest.raises(InputNotFoundError, match="read twice"):
        open_source(str(tmp_path / "in.jsonl"))


def test_folders_and_feeds_have_no_columns_to_name(write, tmp_path):
    for source in (str(tmp_path), write("in.rss", FEED), "https://example.org/feed"):
        with pytest.raises(BadOptionError, match="has no columns"):
            open_source(source, columns={"text": "story"})


def test_a_folder_without_articles_is_refused(tmp_path):
    with pytest.raises(EmptyInputError, match=r"\.txt"):
        open_source(str(tmp_path))


# Feeds

FULL = "<p>" + "The ferry sails again. " * 60 + '<script>x()</script><a href="/b">More</a></p>'
FEED = f"""<?xml version="1.0" encoding="koi8-r"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News</title>
<item><title>Паром &amp;amp; &lt;b&gt;море&lt;/b&gt;</title><link>/ferry</link><guid>1</guid>
  <description>Teaser.</description></item>
<item><title>Full</title><link>https://example.org/full</link>
  <content:encoded><![CDATA[{FULL}]]></content:encoded></item>
<item><description>Nothing but this.</description></item>
<item><title>Nothing</title></item>
</channel></rss>""".encode("koi8-r")


def test_entries_of_a_feed_bring_the_article_or_its_address(write):
    teaser, full, short, nothing = read(write("in.rss", FEED))

    assert (teaser.id, teaser.value) == ("1", {"title": "Паром & море", "url": "/ferry"})
    assert full.value == {"title": "Full", "url": "https://example.org/full", "html": FULL}
    assert short.value == {"html": "Nothing but this."}
    assert isinstance(nothing.error, EmptyInputError)


def test_atom_feeds_are_read_too(write):
    text = "The ferry sails. " * 100
    (row,) = read(
        write(
            "in.atom",
            '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id><title>Ferry</title>'
            f'<link href="https://example.org/1"/><content type="text">{text}</content></entry></feed>',
        )
    )
    assert (row.id, row.value["text"], row.value["title"]) == ("urn:1", text.strip(), "Ferry")


def test_a_feed_is_fetched_once_and_its_links_are_made_whole():
    with serve_files() as server:
        server.files["/feed"] = FEED
        server.headers["/feed"] = {"Content-Type": "text/xml; charset=koi8-r"}
        source = open_source(f"{server.url}/feed", fetch_settings=FetchSettings(allow_private=True))

        assert [next(source.rows()).value["url"] for _ in range(2)] == [f"{server.url}/ferry"] * 2
        assert len(server.requests) == 1
        assert source.total == 4


def test_a_private_address_is_not_fetched_unless_allowed():
    with serve_files() as server, pytest.raises(FetchRefusedError):
        open_source(f"{server.url}/feed")


@pytest.mark.parametrize("content", ["<html><body>Page</body></html>", "/etc/passwd", "https://example.org/", ""])
def test_what_is_not_a_feed_is_refused_and_nothing_fetched(write, content, socket_guard):
    refused = len(socket_guard)
    with pytest.raises(UnreadableInputError, match="not an RSS or Atom feed"):
        open_source(write("in.xml", content))
    assert len(socket_guard) == refused


def test_a_feed_cannot_read_files(write):
    secret = write("secret", "secret words")
    feed = f'<!DOCTYPE r [<!ENTITY e SYSTEM "file://{secret}">]><rss version="2.0"><channel><item><title>&e;</title>'
    rows = read(write("in.xml", feed + "<link>https://example.org/</link></item></channel></rss>"))
    assert "secret words" not in str(rows)


# Object stores


@pytest.fixture
def store():
    import fsspec

    memory = fsspec.filesystem("memory")
    yield memory
    memory.store.clear()


def test_files_in_an_object_store_are_read_by_their_address(store, tmp_path):
    table = write_parquet(tmp_path / "in.parquet", {"text": ["One."]})
    contents = {
        "in.jsonl.gz": gzip.compress(b'{"text": "One."}'),
        "in.csv": b"text\nOne.\n",
        "in.parquet": (tmp_path / table).read_bytes(),
    }
    for name, content in contents.items():
        store.pipe(f"/bucket/{name}", content)
        source = open_source(f"memory://bucket/{name}")
        assert [row.value for row in source.rows()] == [{"text": "One."}]
        before = source.fingerprint()
        assert before == open_source(f"memory://bucket/{name}").fingerprint()
        store.pipe(f"/bucket/{name}", content + (b" " if name == "in.csv" else b""))
        assert source.fingerprint() != before


def test_an_object_store_without_the_file_or_of_an_unknown_kind_is_an_error(store):
    with pytest.raises(InputNotFoundError, match="memory://bucket/in"):
        open_source("memory://bucket/in.jsonl")
    with pytest.raises(BadOptionError, match="cannot be read here"):
        open_source("nosuchstore://bucket/in.jsonl")


# Standard input, names and fingerprints


def test_standard_input_can_be_read_again_and_is_known_by_its_bytes():
    data = lines({"text": "One."}, {"text": "Two."}).encode()
    source = open_source("-", stdin=io.BytesIO(data))

    assert [row.number for row in source.rows()] == [row.number for row in source.rows()] == [0, 1]
    assert source.fingerprint() == open_source("-", stdin=io.BytesIO(data)).fingerprint()
    assert source.fingerprint() != open_source("-", stdin=io.BytesIO(data[:-1])).fingerprint()
    assert next(open_source("-", stdin=io.BytesIO(gzip.compress(data))).rows()).value == {"text": "One."}


def test_what_was_kept_of_standard_input_is_gone_when_it_is_done(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    source = open_source("-", stdin=io.BytesIO(b'{"text": "One."}'))
    assert len(list(tmp_path.iterdir())) == 1
    del source
    with pytest.raises(BadOptionError):
        open_source("-", stdin=io.BytesIO(b'{"a": "One."}'))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["in.docx", "in", "in.json", "s3://bucket/key"])
def test_a_name_that_says_no_kind_is_refused_with_the_kinds(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadOptionError, match=r"\.jsonl.*\.csv.*\.parquet"):
        open_source(name)


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv", "in.parquet", "in.rss", "in.csv.gz"])
def test_a_file_that_does_not_exist_is_not_found(name, tmp_path):
    with pytest.raises(InputNotFoundError):
        open_source(str(tmp_path / name))


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv", "in.parquet", "in.rss", "folder"])
def test_a_fingerprint_changes_with_the_input_only(write, tmp_path, name):
    contents = {"in.jsonl": lines({"text": "One."}), "in.csv": "text\nOne.\n", "in.rss": FEED}
    path = write(f"{name}/a.txt" if name == "folder" else name, contents.get(name, "One."))
    if name == "in.parquet":
        write_parquet(path, {"text": ["One."]})
    source = str(tmp_path / name)
    before = open_source(source).fingerprint()

    assert open_source(source).fingerprint() == before
    if name == "in.parquet":
        write_parquet(path, {"text": ["Two."]})
    else:
        write(os.path.relpath(path, tmp_path), contents.get(name, "One.") if name != "in.rss" else FEED + b" ")
        os.utime(path, ns=(1, 1))
    assert open_source(source).fingerprint() != before


def test_missing_packages_are_named_with_how_to_install_them(write):
    code = (
        "import sys; sys.modules['feedparser'] = sys.modules['pyarrow'] = None\n"
        "from summarizer.batch.sources import open_source\n"
        "from summarizer.errors import BadOptionError\n"
        "for name in sys.argv[1:]:\n"
        "    try: open_source(name)\n"
        "    except BadOptionError as error: print(error)\n"
    )
    names = [write("in.rss", FEED), write("in.parquet", "PAR1"), write("in.csv.zst", zstd(b"text\na\n"))]
    done = subprocess.run([sys.executable, "-c", code, *names], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.count("pip install 'news-summarizer[batch]'") == 3


def test_opening_json_lines_loads_nothing_heavy(write):
    code = (
        "import sys; from summarizer.batch.sources import open_source; import summarizer.batch.tables\n"
        "list(open_source(sys.argv[1]).rows())\n"
        "print(*{'pyarrow', 'feedparser', 'torch', 'pandas', 'trafilatura'} & set(sys.modules))"
    )
    path = write("in.jsonl", lines({"text": TEXT}))
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() in ([], ["trafilatura"])


def measure_reading(path):
    """Return how many rows there are, and by how many megabytes reading them made a new process grow."""
    code = PEAK_MEGABYTES + (
        "\nimport sys; from summarizer.batch.sources import open_source\n"
        "source = open_source(sys.argv[1]); before = peak_megabytes()\n"
        "count = sum(1 for row in source.rows()); print(count, peak_megabytes() - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True, cwd=ROOT)
    count, grown = done.stdout.split()
    return int(count), float(grown)


def test_memory_does_not_grow_with_the_file_or_its_longest_line(tmp_path):
    with (tmp_path / "in.jsonl").open("w") as stream:
        stream.write('{"text": "' + "a" * 60_000_000 + '"}\n')
        for number in range(20_000):
            stream.write(json.dumps({"text": f"{number} " + "The ferry sails. " * 100}) + "\n")
    count, grown = measure_reading(str(tmp_path / "in.jsonl"))

    assert count == 20_001
    assert grown < 25


def test_memory_does_not_grow_with_a_row_group_of_parquet(tmp_path):
    texts = [os.urandom(2500).hex() for _ in range(30_000)]
    count, grown = measure_reading(write_parquet(tmp_path / "in.parquet", {"text": texts}, row_group_size=30_000))

    assert count == 30_000
    assert grown < 80  # of 150 megabytes


def test_many_strings_are_told_apart_by_their_digests():
    seen = DigestMap()
    assert [seen.setdefault(str(number), number) for number in range(5000)] == list(range(5000))
    assert [seen.setdefault(str(number), 0) for number in range(5000)] == list(range(5000))
    seen.set("7", 70)
    assert seen.setdefault("7", 0) == 70


# Whatever comes

RECORDS = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(str.encode),
    st.dictionaries(
        st.sampled_from(["id", "text", "html", "url", "title", "lang", "x"]), st.text() | st.integers()
    ).map(lambda row: json.dumps(row).encode()),
).map(lambda record: record.replace(b"\n", b""))


@settings(max_examples=150, deadline=None)
@given(st.lists(RECORDS, max_size=6), st.integers(0, 3))
@example([b"\xef\xbb\xbf", b"{}"], 0)
def test_any_lines_give_as_many_rows_as_there_are(tmp_path_factory, records, start):
    content = lines({"text": "First."}).encode() + b"\n".join(records)
    path = tmp_path_factory.mktemp("any") / "in.jsonl"
    path.write_bytes(content)

    rows = read(str(path))

    assert [row.number for row in rows] == list(range(1 + sum(1 for record in records if record.strip())))
    assert all((row.value is None) is isinstance(row.error, SummarizerError) for row in rows)
    ids = [row.id for row in rows if row.error is None]
    assert len(set(ids)) == len(ids)
    assert [(row.number, row.id, row.value) for row in read(str(path), start)] == [
        (row.number, row.id, row.value) for row in rows[start:]
    ]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["in.jsonl", "in.csv", "in.tsv", "in.parquet", "in.xml"]))
@example(b"\x1f\x8b\x08\x00", "in.csv")
@example(b"\x28\xb5\x2f\xfd\x00", "in.jsonl")
@example(b"\xff\xfe\x00", "in.csv")
def test_any_bytes_are_rows_or_an_error_of_ours(tmp_path_factory, data, name):
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(data)
    try:
        rows = read(str(path))
    except SummarizerError:
        return
    assert [row.number for row in rows] == list(range(len(rows)))


FIELDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\x1a\r"), max_size=30)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(FIELDS, FIELDS), max_size=6), st.sampled_from([",", ";", "\t", "|"]))
def test_what_is_written_as_csv_is_read_as_it_was(tmp_path_factory, table, delimiter):
    path = tmp_path_factory.mktemp("any") / "in.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([("text", "title"), *table])

    rows = read(str(path))

    assert len(rows) == len(table)
    for row, (text, title) in zip(rows, table, strict=True):
        if row.error is None:
            assert row.value == {"text": text, **({"title": title} if title.strip() else {})}
        else:
            assert isinstance(row.error, EmptyInputError)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text('a,"\n\x00é', max_size=12), max_size=8))
def test_any_table_is_read_to_its_end(tmp_path_factory, records):
    path = tmp_path_factory.mktemp("any") / "in.csv"
    path.write_text("id,text\n" + "\n".join(records) + '\nlast,"Last one."\n', encoding="utf-8")

    rows = read(str(path))

    assert [row.number for row in rows] == list(range(len(rows)))
    assert (rows[-1].id, rows[-1].value) == ("last", {"text": "Last one."})

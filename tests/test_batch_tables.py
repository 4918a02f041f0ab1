import csv
import gzip
import io
import json
import subprocess
import sys

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import Summarizer
from summarizer.batch.tables import COLUMNS, check_table, flatten, write_table
from summarizer.errors import BadOptionError, BadRowError
from summarizer.summary import error_to_dict

KINDS = [
    "out.jsonl",
    "out.jsonl.gz",
    "out.ndjson.zst",
    "out.csv",
    "out.tsv",
    "out.csv.gz",
    "out.TSV.zst",
    "out.parquet",
]


@pytest.fixture(scope="module")
def results():
    """A real result, and a failed row."""
    text = (
        "The council voted on Tuesday to keep the ferry to Osk running through the winter. About 900 people use the "
        "ferry each day, most of them on their way to work or to school. A bridge would cost 40 million euros."
    )
    done = {"row": 0, **Summarizer("extractive").summarize(text).to_dict()}
    return [done, {"row": 1, **error_to_dict(BadRowError("The line is not valid JSON."), "b")}]


def unpack(path):
    import pyarrow

    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    return pyarrow.CompressedInputStream(pyarrow.py_buffer(data), "zstd").read() if path.suffix == ".zst" else data


def read_csv(path, delimiter=","):
    text = unpack(path).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def read_parquet(path):
    from pyarrow import parquet

    return parquet.read_table(path).to_pylist()


def test_a_result_becomes_one_flat_row(results):
    row = flatten(results[0])

    assert list(row) == list(COLUMNS)
    assert (row["row"], row["language"], row["error_code"]) == (0, "en", None)
    assert row["summary"] == results[0]["summary"]
    assert json.loads(row["sentences"]) == results[0]["sentences"]
    assert row["tokens"] == results[0]["receipt"]["tokens"] > 0
    assert all(cell is None or type(cell) is COLUMNS[name] for name, cell in row.items())


def test_a_failed_row_has_its_error_and_nothing_else(results):
    row = {name: cell for name, cell in flatten(results[1]).items() if cell is not None}
    assert row == {"row": 1, "id": "b", "error_code": "bad_row", "error_message": "The line is not valid JSON."}


def test_flags_are_told_in_words_on_one_line():
    flag = {"kind": "number", "text": "41", "start": 0, "end": 2, "detail": "not in\nthe article"}
    other = {**flag, "kind": "name", "text": "Osk", "detail": ""}
    row = flatten({"flags": [flag, other], "translation": {"text": "T", "language": "de", "flags": [flag]}})

    assert row["flags"] == (
        "number “41” (not in the article); name “Osk”; translation: number “41” (not in the article)"
    )
    assert (row["translation"], row["translation_language"]) == ("T", "de")


@pytest.mark.parametrize("name", ["out.csv", "out.tsv", "out.csv.gz", "out.TSV.zst"])
def test_csv_holds_the_flat_rows(results, tmp_path, name):
    write_table(iter(results), tmp_path / name)
    rows = read_csv(tmp_path / name, "\t" if "tsv" in name.lower() else ",")

    assert rows == [{key: "" if cell is None else str(cell) for key, cell in flatten(row).items()} for row in results]


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.ndjson.zst"])
def test_json_lines_hold_the_whole_results(results, tmp_path, name):
    write_table(iter(results), tmp_path / name)
    assert [json.loads(line) for line in unpack(tmp_path / name).splitlines()] == results


def test_parquet_holds_numbers_as_numbers_and_many_row_groups(results, tmp_path):
    from pyarrow import parquet

    many = [{**results[number % 2], "row": number} for number in range(4500)]
    write_table(iter(many), tmp_path / "out.parquet")

    assert read_parquet(tmp_path / "out.parquet") == list(map(flatten, many))
    assert parquet.ParquetFile(tmp_path / "out.parquet").num_row_groups == 3


@pytest.mark.parametrize("name", KINDS)
def test_a_table_of_no_results_can_be_read(tmp_path, name):
    path = tmp_path / name
    write_table(iter([]), path)

    if "parquet" in name:
        assert read_parquet(path) == []
    elif "csv" in name or "tsv" in name.lower():
        assert unpack(path).decode("utf-8-sig").split("\r\n")[1:] == [""]
    else:
        assert unpack(path) == b""


@pytest.mark.parametrize("mark", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
@pytest.mark.parametrize("name", ["out.csv", "out.tsv"])
def test_a_spreadsheet_runs_no_cell_as_a_formula(tmp_path, name, mark):
    formula = f"{mark}HYPERLINK(0)"
    write_table([{"row": -1, "id": formula, "summary": f"a{formula}"}], tmp_path / name)
    (row,) = read_csv(tmp_path / name, "\t" if name == "out.tsv" else ",")

    assert (row["id"], row["summary"], row["row"]) == (f"'{formula}", f"a{formula}", "-1")


def test_only_csv_begins_with_the_mark_that_excel_needs(results, tmp_path):
    for name in ("out.csv", "out.tsv"):
        write_table(results, tmp_path / name)
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfrow,id,")
    assert (tmp_path / "out.tsv").read_bytes().startswith(b"row\tid\t")


@pytest.mark.parametrize("name", KINDS)
def test_a_run_that_fails_leaves_what_was_there_before(results, tmp_path, name):
    def break_off():
        yield results[0]
        raise RuntimeError("out of power")

    path = tmp_path / name
    path.write_bytes(b"before")
    with pytest.raises(RuntimeError, match="out of power"):
        write_table(break_off(), path)

    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", KINDS)
def test_a_full_disk_leaves_what_was_there_before(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"before")
    code = (
        "import os, resource, signal, sys; from pathlib import Path; from summarizer.batch.tables import write_table\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "rows = ({'row': number, 'summary': os.urandom(500).hex()} for number in range(500))\n"
        "try: write_table(rows, Path(sys.argv[1]))\n"
        "except OSError as error: print('no room')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=ROOT)

    assert (done.stdout, done.stderr) == ("no room\n", "")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", KINDS)
def test_the_same_results_give_the_same_bytes(results, tmp_path, name):
    one, two = tmp_path / "one" / name, tmp_path / "two" / name
    for path in (one, two):
        path.parent.mkdir()
        write_table(results, path)
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("name", ["out.xlsx", "out", "out.gz", "out.parquet.gz", "out.json"])
def test_a_name_that_says_no_kind_is_refused_before_anything_is_written(tmp_path, name):
    results = iter([{"row": 0}])
    with pytest.raises(BadOptionError, match=r"\.jsonl.*\.csv.*\.parquet"):
        write_table(results, tmp_path / name)
    assert next(results) == {"row": 0}
    assert list(tmp_path.iterdir()) == []


def test_missing_packages_are_named_with_how_to_install_them(tmp_path):
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path; from summarizer.batch.tables import check_table\n"
        "from summarizer.errors import BadOptionError\n"
        "for name in ('a.jsonl.gz', 'a.csv', 'a.parquet', 'a.jsonl.zst'):\n"
        "    try: check_table(Path(name))\n"
        "    except BadOptionError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.count("pip install 'news-summarizer[batch]'") == len(done.stdout.splitlines()) == 2
    check_table(tmp_path / "a.parquet")


CELLS = st.one_of(st.none(), st.text(st.characters()))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries({"id": CELLS, "summary": CELLS, "model": CELLS}), max_size=4))
def test_any_text_comes_back_from_every_kind_of_table(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("any")
    rows = [{"row": number, **row} for number, row in enumerate(rows)]
    flat = [flatten(row) for row in rows]
    for name in ("out.csv", "out.tsv", "out.parquet", "out.jsonl"):
        write_table(rows, folder / name)

    assert read_parquet(folder / "out.parquet") == flat
    assert len((folder / "out.jsonl").read_bytes().split(b"\n")) == len(rows) + 1
    for found in (read_csv(folder / "out.csv"), read_csv(folder / "out.tsv", "\t")):
        for row, cells in zip(found, flat, strict=True):
            assert all(row[name] in (cells[name] or "", f"'{cells[name]}") for name in ("id", "summary", "model"))

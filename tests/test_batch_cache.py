"""Results kept between runs: what is found again, by whom, and what happens when the file fails."""

import json
import pickle
import random
import re
import sqlite3
import subprocess
import sys

import pytest
from conftest import ROOT
from test_cli import OK, run

from summarizer import Article, Summarizer
from summarizer.backends.fake import FakeBackend
from summarizer.batch.cache import ResultCache, make_key
from summarizer.batch.cache_file import ROW_BYTES, CacheFile
from summarizer.batch.runner import Job, run_batch
from summarizer.batch.sources import open_source
from summarizer.errors import CacheError
from summarizer.translation import Translator

READING = {"clean": False, "check": False}


class Silent:
    def resume(self, result): ...

    def add(self, results): ...


class Lossy(FakeBackend):
    """Loses the numbers of a sentence, so that there are flags."""

    def translate(self, sentences, source, target):
        return [re.sub(r"\d+", "", sentence) for sentence in sentences]


def make_row(number, place=None):
    text = f"The council of ward {number} voted {number} to 2 on Tuesday. Nobody objected. Ursula Moss was absent."
    return {"id": f"id-{place if place is not None else number}", "text": text, "title": f"Ward {number}", "lang": "en"}


def write_rows(path, numbers):
    rows = [json.dumps(make_row(number, place)) for place, number in enumerate(numbers)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def run_job(source, output, cache=None, *, backend=None, translator=None, **request):
    """Run a batch and return its results without what each run and row has of its own."""
    summarizer = Summarizer(backend or FakeBackend(), translator=translator)
    job = Job(summarizer, {"style": "extractive", **request}, READING, cache=cache)
    run_batch(open_source(str(source)), output, job, watcher=Silent())
    return read(output)


def read(output):
    with output.open(encoding="utf-8") as lines:
        return [{**json.loads(line), "seconds": None} for line in lines]


@pytest.fixture
def cache(tmp_path):
    cache = ResultCache(tmp_path / "results.cache")
    yield cache
    cache.close()


@pytest.fixture
def rows(tmp_path):
    return write_rows(tmp_path / "in.jsonl", range(50))


# --- what is found again


def test_results_from_the_cache_are_those_of_a_fresh_run(tmp_path, rows, cache):
    translator = Translator([Lossy()])
    options = {"translator": translator, "target_language": "pt", "length": "medium"}
    fresh = run_job(rows, tmp_path / "fresh.jsonl", **options)
    first = run_job(rows, tmp_path / "first.jsonl", cache, **options)
    assert cache.hits == 0

    backend = FakeBackend()
    second = run_job(rows, tmp_path / "second.jsonl", cache, backend=backend, **options)

    assert backend.calls == []
    assert cache.hits == 50
    assert fresh == first == second
    assert fresh[0]["translation"]["flags"]
    assert (tmp_path / "second.jsonl").read_text().startswith('{"row": 0, "id": "id-0", "summary"')


def test_the_same_article_under_two_ids_is_summarized_once(tmp_path, cache):
    numbers = [*range(20), *range(20), 3, 3]
    source = write_rows(tmp_path / "in.jsonl", numbers)
    backend = FakeBackend()

    results = run_job(source, tmp_path / "out.jsonl", cache, backend=backend)

    assert sum(size for _, size in backend.calls) == 20
    assert cache.hits == 22
    assert results == run_job(source, tmp_path / "plain.jsonl")
    assert [result["id"] for result in results] == [f"id-{place}" for place in range(42)]


def test_what_the_result_depends_on_is_looked_at_and_what_it_does_not_is_not(tmp_path):
    article = Article.from_row(make_row(1), **READING)
    request = {"signature": "a", "length": "short"}
    key = make_key(article, request)

    same = Article.from_row({**make_row(1), "id": "other"}, **READING)
    assert make_key(same, dict(reversed(request.items()))) == key
    others = [
        make_key(Article.from_row({**make_row(1), **change}, **READING), request)
        for change in ({"title": "Another"}, {"lang": "de"}, {"text": make_row(2)["text"]})
    ]
    others += [make_key(article, {**request, "length": "long"}), make_key(article, {**request, "signature": "b"})]
    assert len({key, *others}) == 6


def test_another_translator_is_another_request(tmp_path, rows, cache):
    class Better(FakeBackend):
        digest = "better"

    into = {"target_language": "pt"}
    run_job(rows, tmp_path / "a.jsonl", cache, translator=Translator([FakeBackend()]), **into)
    run_job(rows, tmp_path / "b.jsonl", cache, translator=Translator([Better()]), **into)
    assert cache.hits == 0
    run_job(rows, tmp_path / "c.jsonl", cache, translator=Translator([Better()]), **into)
    assert cache.hits == 50


def test_errors_are_not_kept(tmp_path, rows, cache):
    for name in ("a", "b"):
        results = run_job(rows, tmp_path / f"{name}.jsonl", cache, translator=Translator([]), target_language="pt")
        assert {result["error"]["code"] for result in results} == {"unsupported_language"}
    assert cache.hits == 0


def test_what_was_not_used_for_longest_goes_first(tmp_path):
    generator = random.Random(1)
    results = {bytes([number]) * 32: {"text": generator.randbytes(1000).hex()} for number in range(20)}
    file = CacheFile(tmp_path / "results.cache", 6 * (1000 + ROW_BYTES))
    keys = list(results)
    for key in keys[:3]:
        file.store({key: results[key]})
    assert set(file.find(keys)) == set(keys[:3])
    assert file.find([keys[0]]) == {keys[0]: results[keys[0]]}
    for key in keys[3:]:
        file.store({key: results[key]})
        assert keys[0] in file.find([keys[0]])

    kept = file.find(keys)
    file.close()
    assert list(kept) == [keys[0], *keys[-len(kept) + 1 :]]
    assert len(kept) == 5


def test_a_cache_goes_to_another_process_by_its_path(cache, tmp_path, rows):
    run_job(rows, tmp_path / "a.jsonl", cache)
    other = pickle.loads(pickle.dumps(cache))
    run_job(rows, tmp_path / "b.jsonl", other)
    other.close()
    assert other.hits == 50


# --- files that are none, or fail


def make_foreign(path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE songs (title TEXT)")
    database.close()


def make_newer(path):
    CacheFile(path, 1000).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()


def make_torn(path):
    file = CacheFile(path, 10**9)
    generator = random.Random(2)
    file.store({bytes([number]) * 32: {"text": generator.randbytes(2000).hex()} for number in range(50)})
    file.close()
    path.write_bytes(path.read_bytes()[:-50_000])


def make_scratched(path):
    make_torn(path)
    path.unlink()
    file = CacheFile(path, 10**9)
    file.store({bytes([number]) * 32: {"text": str(number)} for number in range(200)})
    file.close()
    data = bytearray(path.read_bytes())
    data[8192:12288] = bytes(range(256)) * 16
    path.write_bytes(data)


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_text("A letter of Ursula Moss. " * 100),
        lambda path: path.mkdir(),
        make_foreign,
        make_newer,
        make_torn,
        make_scratched,
    ],
    ids=["a text", "a folder", "another program", "a newer version", "torn", "scratched"],
)
def test_a_file_that_is_no_cache_or_damaged_is_refused_and_stays_as_it_is(tmp_path, make):
    path = tmp_path / "results.cache"
    make(path)
    before = path.read_bytes() if path.is_file() else None

    with pytest.raises(CacheError, match=r"(?i)name another file"):
        ResultCache(path)

    assert path.is_dir() or path.read_bytes() == before


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CacheError, match="cannot be used"):
        ResultCache(tmp_path / "nowhere" / "results.cache")


def test_a_result_that_cannot_be_read_is_made_again(tmp_path, rows, cache, caplog):
    expected = run_job(rows, tmp_path / "a.jsonl", cache)
    with sqlite3.connect(tmp_path / "results.cache") as database:
        database.execute("UPDATE results SET value = substr(value, 1, 20)")
    database.close()

    assert run_job(rows, tmp_path / "b.jsonl", cache) == expected
    assert caplog.text.count("cannot be used any more") == 1


FULL = """
import random, resource, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from test_batch_cache import run_job
from summarizer.batch.cache import ResultCache
from summarizer.languages import identify_language

identify_language("The model of languages is unpacked into a file first.")
cache = ResultCache(Path({folder!r}) / "results.cache")
cache._store({{b"long": {{"text": random.Random(3).randbytes(200_000).hex()}}}})
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
results = run_job(Path({folder!r}) / "in.jsonl", Path({folder!r}) / "out.jsonl", cache)
print(len(results), sum(bool(result["summary"]) for result in results))
"""


def test_a_full_disk_under_the_cache_is_told_once_and_does_not_end_the_run(tmp_path):
    write_rows(tmp_path / "in.jsonl", range(60))
    program = FULL.format(tests=str(ROOT / "tests"), folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, cwd=ROOT)

    assert done.stdout.split() == [b"60", b"60"], done.stderr.decode()
    assert done.stderr.count(b"cannot be used any more") == 1
    assert b"Traceback" not in done.stderr


# --- several processes


SHARED = """
import sys
from pathlib import Path
from summarizer.batch.cache_file import CacheFile

sys.stdin.readline()
file = CacheFile(Path({path!r}), 10**9)
for number in range(200):
    key = number.to_bytes(32, "big")
    if key not in file.find([key]):
        file.store({{key: {{"number": number}}}})
assert len(file.find([number.to_bytes(32, "big") for number in range(200)])) == 200
file.close()
"""


def test_several_processes_make_and_use_one_file(tmp_path):
    path = tmp_path / "results.cache"
    command = [sys.executable, "-c", SHARED.format(path=str(path))]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True) for _ in range(4)
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=100)[1] for process in processes]

    assert errors == [""] * 4
    file = CacheFile(path, 10**9)
    assert file.find([(7).to_bytes(32, "big")]) == {(7).to_bytes(32, "big"): {"number": 7}}
    file.close()


# --- on the command line


def test_a_second_run_takes_its_results_from_the_cache_and_says_so(tmp_path, rows):
    options = ("--model", "extractive", "--no-clean", "--force", "--workers", "0", "--cache", str(tmp_path / "kept"))
    for name in ("a", "b"):
        status, _, stderr = run("batch", str(rows), str(tmp_path / f"{name}.jsonl"), *options, "--progress", "lines")
        assert status == OK

    assert "50 from cache" in stderr
    report = json.loads((tmp_path / "b.jsonl.report.json").read_text(encoding="utf-8"))
    assert report["run"]["cached"] == 50
    assert read(tmp_path / "a.jsonl") == read(tmp_path / "b.jsonl")

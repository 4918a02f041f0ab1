import csv
import json
import re

import pytest
from browsing import BROWSER, PHONE
from gated import TEXT, GatedBackend, write_rows

from summarizer import Summarizer

pytestmark = BROWSER

START, JOB, ROWS, ERROR = "#ns-batch-start", "#ns-job", ".ns-table tbody tr", ".ns-error"
ATTACK = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def backend() -> GatedBackend:
    backend = GatedBackend()
    backend.gate.set()
    return backend


@pytest.fixture(scope="module")
def batch(serve, backend, tmp_path_factory) -> str:
    """A page with a model that can be halted."""
    from summarizer.web import build_page

    yield serve(build_page(Summarizer(backend), jobs_folder=tmp_path_factory.mktemp("jobs")))
    backend.gate.set()


@pytest.fixture
def halted(backend):
    backend.gate.clear()
    yield backend
    backend.gate.set()


def begin(at, *files) -> str:
    """Upload files, begin, and return the address of the job."""
    at.page.set_input_files("#ns-batch-files input[type=file]", [str(file) for file in files])
    at.page.wait_for_function("document.querySelectorAll('#ns-batch-files .file-preview tr').length > 0")
    at.page.click(START)
    at.page.wait_for_url(re.compile("job=[A-Za-z0-9_-]{22}"))
    at.page.wait_for_selector(JOB)
    return at.page.url


def wait_for(at, state: str) -> None:
    at.page.wait_for_selector(f"{JOB}[data-state={state}]")


def test_a_table_is_uploaded_summarized_looked_through_and_downloaded(visit, batch, tmp_path):
    at = visit(batch, "?tab=batch", locale="en-US")
    begin(at, write_rows(tmp_path / "news.jsonl", 60, 7))
    wait_for(at, "done")

    assert "60 of 60 articles" in at.texts(JOB)[0]
    assert "1 failed" in at.texts(JOB)[0]
    at.wait_for_count(ROWS, 50)
    at.page.click("#ns-batch-next")
    at.page.wait_for_function("document.querySelector('.ns-pages').textContent.includes('51')")
    at.wait_for_count(ROWS, 10)
    at.page.fill("#ns-batch-words textarea, #ns-batch-words input", "BRIDGE word5")
    at.page.keyboard.press("Enter")
    at.page.wait_for_function("document.querySelector('.ns-pages').textContent.includes('11')")
    at.shoot("batch-english")
    assert at.find_faults() == []

    with at.page.expect_download() as download:
        at.page.click("#ns-batch-download")
    path = tmp_path / "summaries.csv"
    download.value.save_as(path)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["id"] for row in rows] == ["a5", *(f"a{number}" for number in range(50, 60))]


def test_a_job_goes_on_while_nobody_looks_and_its_address_brings_it_back(visit, batch, halted, tmp_path):
    at = visit(batch, "?tab=batch")
    address = begin(at, write_rows(tmp_path / "news.jsonl", 10))
    wait_for(at, "running")
    at.page.close()

    again = visit(batch, address.removeprefix(batch))
    wait_for(again, "running")
    halted.gate.set()
    wait_for(again, "done")
    again.wait_for_count(ROWS, 10)
    again.page.wait_for_selector(START, state="hidden")


def test_a_job_is_stopped_gone_on_with_and_deleted(visit, batch, halted, tmp_path):
    at = visit(batch, "?tab=batch", locale="en-US")
    begin(at, write_rows(tmp_path / "news.jsonl", 10))
    wait_for(at, "running")
    at.page.click("#ns-batch-stop")
    halted.gate.set()
    wait_for(at, "stopped")
    at.page.click("#ns-batch-resume")
    wait_for(at, "done")
    assert "10 of 10 articles" in at.texts(JOB)[0]

    at.page.once("dialog", lambda dialog: dialog.dismiss())
    at.page.click("#ns-batch-delete")
    assert at.page.locator(JOB).is_visible()
    at.page.once("dialog", lambda dialog: dialog.accept())
    at.page.click("#ns-batch-delete")
    at.page.wait_for_function("!location.search.includes('job')")
    at.page.wait_for_selector(START)


def test_an_address_that_means_nothing_says_so(visit, batch):
    at = visit(batch, "?tab=batch&job=../../etc/passwd", locale="en-US")
    at.page.wait_for_selector(ERROR)

    assert "no such job" in at.texts(ERROR)[0]
    at.page.wait_for_selector(START)


def test_nothing_that_was_uploaded_becomes_markup(visit, batch, tmp_path):
    text = TEXT.format(word=ATTACK)
    table = tmp_path / "attack.jsonl"
    rows = [{"id": ATTACK, "title": ATTACK, "lang": "en", "text": text}, {"id": ATTACK, "title": ATTACK, "text": ""}]
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    at = visit(batch, "?tab=batch")
    begin(at, table)
    wait_for(at, "done")

    assert at.page.locator(".ns-table img, .ns-job img").count() == 0
    assert ATTACK in at.texts(".ns-table")[0]


@pytest.mark.parametrize(("scheme", "window"), [("light", {}), ("dark", PHONE)])
def test_the_table_reads_from_right_to_left_on_an_arabic_page(visit, batch, example_articles, tmp_path, scheme, window):
    files = []
    for code in ("ar", "en", "zh"):
        files.append(tmp_path / f"{code}.txt")
        files[-1].write_text(example_articles[code][0], encoding="utf-8")
    at = visit(batch, "?lang=ar&tab=batch", color_scheme=scheme, **window)
    at.shoot(f"batch-form-arabic-{scheme}")
    begin(at, *files)
    wait_for(at, "done")
    at.shoot(f"batch-arabic-{scheme}")

    assert at.style(".ns-table", "direction") == "rtl"
    assert at.style(".ns-table [lang=en]", "direction") == "ltr"
    assert at.find_faults() == []
    assert at.beyond_the_edge() == []

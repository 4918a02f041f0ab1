"""Pinned scores on benchmark pages that are not part of the project; skipped where they are missing.

A floor is lowered by ``pytest --set-floors`` only, which writes what was measured, rounded down, to floors.json.
"""

import gzip
import json
from pathlib import Path

import pytest
from conftest import ROOT

from benchmarks.cleaning import score
from summarizer.article import Article
from summarizer.cleaning import clean_text
from summarizer.cleaning.guard import find_refusal
from summarizer.decoding import normalize
from summarizer.evaluation.data import read_dataset
from summarizer.evaluation.metrics import rouge
from summarizer.pipeline import Summarizer

FLOORS = Path(__file__).with_name("floors.json")
BENCHMARK = ROOT.parent / "shared" / "bench" / "extraction"


DEVELOPMENT = ROOT.parent / "shared" / "data" / "dev" / "summarize.jsonl.gz"
#: Articles that the built-in model is measured on: enough to see a loss, few enough to wait for.
ARTICLES = 30


def hold(name, value, request):
    """Compare a score with its floor, or set the floor where that is asked for."""
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    if request.config.getoption("--set-floors"):
        floors[name] = int(value * 1000) / 1000
        FLOORS.write_text(json.dumps(floors, indent=2) + "\n", encoding="utf-8")
    else:
        assert value >= floors[name]


def read_pages(part):
    path = BENCHMARK / part / "extraction.jsonl"
    if not path.exists():
        pytest.skip(f"the benchmark pages are not at {path}")
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize("part", ["english", "multilingual"])
def test_cleaning_of_pasted_pages_does_not_get_worse_and_refuses_none(part, request):
    rows = read_pages(part)
    pages = [normalize(row["pasted"]) for row in rows]

    texts = [clean_text(page).text for page in pages]

    assert [find_refusal(page, text) for page, text in zip(pages, texts, strict=True) if find_refusal(page, text)] == []
    _, _, f1 = score([(row["body"], text) for row, text in zip(rows, texts, strict=True)])
    hold(part, f1, request)


@pytest.mark.parametrize("part", ["english", "multilingual"])
def test_articles_of_web_pages_do_not_get_worse_and_none_is_refused(part, request):
    rows = read_pages(part)
    sources = [gzip.decompress((BENCHMARK / part / "html" / f"{row['id']}.html.gz").read_bytes()) for row in rows]

    texts = [
        Article.from_html(source, language=row["lang"] or "en").text for source, row in zip(sources, rows, strict=True)
    ]

    _, _, f1 = score([(row["body"], text) for row, text in zip(rows, texts, strict=True)])
    hold(f"{part}-html", f1, request)


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.parametrize("style", ["extractive", "auto"])
def test_summaries_of_the_builtin_model_do_not_get_worse(style, request, builtin_folder):
    if not DEVELOPMENT.exists():
        pytest.skip(f"the development articles are not at {DEVELOPMENT}")
    examples = read_dataset(DEVELOPMENT, ARTICLES if style == "extractive" else ARTICLES // 3).examples
    summarizer = Summarizer()

    summaries = [summarizer.summarize(example.to_article(), style=style) for example in examples]

    scores = [rouge(summary.text, example.reference) for summary, example in zip(summaries, examples, strict=True)]
    hold(f"builtin-{style}", sum(map(sum, scores)) / 3 / len(scores), request)
    assert not [flag for summary in summaries for flag in summary.flags if flag.kind in ("number", "repetition")]

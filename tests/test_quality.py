"""Pinned scores on benchmark pages that are not part of the project; skipped where they are missing.

A floor is lowered by ``pytest --set-floors`` only, which writes what was measured, rounded down, to floors.json.
"""

import json
from pathlib import Path

import pytest
from conftest import ROOT

from benchmarks.cleaning import score
from summarizer.cleaning import clean_text
from summarizer.decoding import normalize

FLOORS = Path(__file__).with_name("floors.json")
BENCHMARK = ROOT.parent / "shared" / "bench" / "extraction"


@pytest.mark.parametrize("part", ["english", "multilingual"])
def test_cleaning_of_pasted_pages_does_not_get_worse(part, request):
    path = BENCHMARK / part / "extraction.jsonl"
    if not path.exists():
        pytest.skip(f"the benchmark pages are not at {path}")
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]

    _, _, f1 = score([(row["body"], clean_text(normalize(row["pasted"])).text) for row in rows])

    if request.config.getoption("--set-floors"):
        FLOORS.write_text(json.dumps({**floors, part: int(f1 * 1000) / 1000}, indent=2) + "\n", encoding="utf-8")
    else:
        assert f1 >= floors[part]

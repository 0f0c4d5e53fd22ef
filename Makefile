# From a fresh clone: `make demo`, `make test`, `make lint`, `make docs`. Nothing needs to be installed first but Python.

PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3 python; do \
  $$p -c 'import sys, venv; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The CPU build by its full name, so that no resolver takes a larger one. Only training and its tests need it.
TORCH ?= torch==2.13.0+cpu
# Tests of one file stay together, as they share what is costly to make.
WORKERS ?= 2

.PHONY: help demo test lint docs bench train eval clean

help:
	@echo "make demo    a building collapses in a real photograph, is approved, signed and verified: see demo/ afterwards"
	@echo "make test    all tests"
	@echo "make lint    format, lint, imports, types"
	@echo "make docs    check that documentation and code agree"
	@echo "make bench   seconds by stage and of one frame, time of --help, cost of clearance"
	@echo "make train   the generator from nothing: data, training, weights in the package; two to three hours on two cores"
	@echo "make eval    the generator on held-out scenes: docs/generator-evaluation.md (HELD=folder keeps the scenes; half an hour the first time)"
	@echo "make clean   remove the environment and the demo"

$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11, 3.12 or 3.13 found"; echo "  fix: install one, or say make PYTHON=/path/to/python"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check '$(TORCH)' 2>/dev/null \
	  && $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,train,diffusers,comfyui]' \
	  || echo "PyTorch's CPU build ($(TORCH)) is not at hand: tests of training and of clip models are skipped"
	@touch $(READY)

demo: $(READY)
	$(BIN)/secondunit demo demo

test: $(READY)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: $(READY)
	$(BIN)/ruff format --check src tests bench examples tools training
	$(BIN)/ruff check src tests bench examples tools training
	$(BIN)/lint-imports
	$(BIN)/mypy

docs: $(READY)
	$(BIN)/python -m pytest tests/docs
	$(BIN)/python -m pytest --doctest-modules src/secondunit/core src/secondunit/show/brief/axes.py src/secondunit/show/brief/recipes.py

bench: $(READY)
	$(BIN)/python bench/help.py
	$(BIN)/python bench/stages.py
	$(BIN)/python bench/generator.py
	$(BIN)/python bench/frame.py
	$(BIN)/python bench/prep.py
	$(BIN)/python bench/clearance.py
	$(BIN)/python bench/ledger.py --each 250

DATA ?= training-data
RUN ?= training-run
HELD ?= held-out

train: $(READY)
	$(BIN)/python -m training.data $(DATA) --workers 2
	$(BIN)/python -m training.train $(DATA) $(RUN)
	$(BIN)/python -m training.ship $(RUN) $(DATA)

eval: $(READY)
	$(BIN)/python -m training.frozen make $(HELD)
	test -f $(HELD)/yardstick.json || $(BIN)/python -m training.yardstick $(HELD)
	$(BIN)/python -m training.evaluate $(HELD) --page docs/generator-evaluation.md

clean:
	rm -rf $(VENV) demo

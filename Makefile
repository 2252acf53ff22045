# One command each: `make help` lists them. Each needs just make and a Python of 3.11 or newer.
# Another interpreter: make PYTHON=python3.13 test. Fewer or more processes: make WORKERS=0 test.

VENV ?= .venv
WORKERS ?= auto
PYTEST_ARGS ?=
RUNS ?= 10000
KILL_RUNS ?= 300
SIMULATED_RUNS ?= 300
SEED ?= 0
BIN := $(VENV)/bin

ifndef PYTHON
PYTHON := $(shell sh scripts/pythons.sh default)
endif

# What mypy checks: the folders that have Python in them.
TYPED := $(patsubst %/,%,$(sort $(dir $(wildcard $(addsuffix /*.py,qbxml soap qbsimulator qbgateway scripts demo benchmarks fuzz tests)))))
# A generator writes its files when called plainly; with --check it fails when they are not up to date.
GENERATORS := $(sort $(wildcard scripts/compile_*.py scripts/generate_*.py))

.DEFAULT_GOAL := help
.PHONY: help demo test lint types bench fuzz campaign properties docs check-generated format dist clean

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 25

# --- environments -----------------------------------------------------------------------------------------------
# A stamp per set of packages, made again when pyproject.toml changes. All live in one virtual environment.

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "No Python of 3.11 or newer was found; name one: make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo-installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

$(VENV)/.dev-installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.demo-installed $(VENV)/.bench-installed

$(VENV)/.bench-installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

# --- commands ---------------------------------------------------------------------------------------------------

demo: $(VENV)/.demo-installed ## the sample company, a Web Connector and the endpoint, from end to end
	$(BIN)/python demo/company.py

test: $(VENV)/.dev-installed ## the whole test suite
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(PYTEST_ARGS)

lint: $(VENV)/.dev-installed ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev-installed ## mypy --strict over the packages, the scripts and the tests
	$(BIN)/mypy $(TYPED)

format: $(VENV)/.dev-installed ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.bench-installed ## the benchmarks, as ratios to a floor measured in the same run
	$(BIN)/python -m benchmarks

fuzz: $(VENV)/.dev-installed ## mutated documents for the readers, for a minute (FUZZ_SECONDS, FUZZ_SEED)
	$(BIN)/python -m fuzz

campaign: $(VENV)/.dev-installed ## thousands of runs in which everything goes wrong (RUNS, KILL_RUNS, SIMULATED_RUNS, SEED)
	$(BIN)/python -m soap.testing --runs $(RUNS) --kill-runs $(KILL_RUNS) --seed $(SEED)
	$(BIN)/python -m qbsimulator.campaign --runs $(SIMULATED_RUNS) --seed $(SEED)

properties: $(VENV)/.dev-installed ## the property tests, with many new examples (takes long)
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m hypothesis $(PYTEST_ARGS)

docs: $(VENV)/.dev-installed ## write the generated files again
	@set -e; for generator in $(GENERATORS); do echo "$$generator"; $(BIN)/python $$generator; done

check-generated: $(VENV)/.dev-installed ## fail when a generated file is not up to date
	@set -e; for generator in $(GENERATORS); do echo "$$generator --check"; $(BIN)/python $$generator --check; done

dist: $(VENV)/.dev-installed ## wheel and source distribution, into dist/
	$(BIN)/python -m build

clean: ## remove what the other commands made
	rm -rf $(VENV) .venv-ci build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The verbs of the project; `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
SQL := dbt_project/models dbt_project/tests
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info < (3,14))' 2>/dev/null \
	&& { echo $$p; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help setup run dev sandbox doctor test prove check style types sql definitions fix bench lock clean

help: ## list these verbs
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: $(VENV)/installed ## install what running needs into .venv (uv if present, else pip)

run: setup ## extract, build, check and publish once; the made-up company without credentials
	@$(BIN)/q2c run

dev: setup ## the Dagster UI on the same definitions and the same data
	@$(BIN)/q2c dev

sandbox: setup ## serve the made-up company over HTTP, for other clients
	@$(BIN)/q2c sandbox serve --company $${Q2C_HOME:-data}/sandbox/company

doctor: setup ## say what is missing or wrong in settings, access and disk
	@$(BIN)/q2c doctor

test: $(VENV)/installed-dev ## every test, with a sample of the heavy proofs
	@$(BIN)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder tests/pipeline tests

prove: $(VENV)/installed-dev ## the heavy proofs whole: every kill, every seed
	@$(BIN)/pytest -m prove --prove

check: style types sql definitions ## format, lint, types, imports, SQL, definitions

style: $(VENV)/installed-dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-logo 2>&1 | tail -n 8

types: $(VENV)/installed-dev
	@$(BIN)/mypy

sql: $(VENV)/installed-dev
	@$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar $(SQL)

definitions: $(VENV)/installed-dev
	@Q2C_HOME=$(VENV)/check $(BIN)/dg check defs

fix: $(VENV)/installed-dev ## format and mend what tools can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/sqlfluff fix --disable-progress-bar dbt_project/models dbt_project/tests

bench: $(VENV)/installed-dev ## measure; figures stand in benchmarks/README.md
	$(call install,'.[dev,bench]')
	@$(BIN)/python benchmarks/pipeline.py
	@$(BIN)/python benchmarks/extract.py
	@$(BIN)/python benchmarks/receivables.py
	@$(BIN)/python benchmarks/bridge.py
	@$(BIN)/python benchmarks/delivery.py
	@$(BIN)/python benchmarks/duplicates.py

lock: $(VENV)/installed-dev ## renew constraints.txt for Python 3.11 to 3.13 (needs uv)
	@uv pip compile pyproject.toml --extra dev --extra bench --universal --python-version 3.11 \
		--no-header --no-annotate --upgrade --quiet --output-file constraints.txt

clean: ## remove .venv and caches; data stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

define install
	@test -n "$(PYTHON)" || { echo "No Python 3.11 to 3.13 found. Install one, or name it: make PYTHON=/path/to/python"; exit 1; }
	@if command -v uv >/dev/null 2>&1; then \
		test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV); \
		uv pip install --quiet --compile-bytecode --python $(BIN)/python --constraint constraints.txt --editable $(1); \
	else \
		test -x $(BIN)/python || $(PYTHON) -m venv $(VENV); \
		$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable $(1); \
	fi
	@touch $@
endef

$(VENV)/installed: pyproject.toml constraints.txt
	@echo "Installing into $(VENV) ..."
	$(call install,.)

$(VENV)/installed-dev: pyproject.toml constraints.txt
	@echo "Installing into $(VENV), with what tests need ..."
	$(call install,'.[dev]')
	@touch $(VENV)/installed

# Linli 邻里. `make help` says what there is; each target sets up what it needs first.
# Honoured: PORT, DATABASE_URL, DATA_DIR, DEMO_PASSWORD and every other setting of config.py; PYTHON= picks the interpreter.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
export PYTHONUTF8 := 1
py := .venv/bin/python
.PHONY: help setup run test test-fast lint format bench pictures lock translations
.DEFAULT_GOAL := help

help: ## these lines
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1|/' | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

setup: ## what `make run` needs: system libraries, virtual environment, fonts, translations
	@scripts/setup run

run: ## set up, then the portal, the hotline, the scheduler and the telephone simulator on http://127.0.0.1:8080
	@scripts/setup run
	@.venv/bin/flask --app run prepare
	@exec $(py) run.py

test: ## set up, then every test: on SQLite, then on a PostgreSQL started for the run, with browser and faults
	@scripts/setup test
	@$(py) -m scripts.suite $(ARGS)

test-fast: ## the inner loop: SQLite only, no browser; ARGS="tests/rules -k clock" narrows it
	@scripts/setup test
	@$(py) -m pytest -q -n 2 --dist worksteal --database sqlite -m "not browser and not postgres_only" $(ARGS)

lint: ## ruff (lint and format), mypy, import-linter, house rules, translations complete
	@scripts/setup test
	@scripts/lint

format: ## ruff's fixes and format, in place; ARGS=app/rules narrows it
	@scripts/setup test
	@.venv/bin/ruff check --fix -q $(or $(ARGS),.) ; .venv/bin/ruff format -q $(or $(ARGS),.)

bench: ## the benchmarks: a table of ratios, and bench/results.json
	@scripts/setup test
	@$(py) -m bench $(ARGS)

pictures: ## the README's pictures, taken from the running product
	@scripts/setup test
	@$(py) -m scripts.pictures

translations: ## collect the texts of the code into translations/*/LC_MESSAGES/messages.po and compile them
	@scripts/setup test
	@$(py) -m scripts.translations update

lock: ## write requirements/*.txt anew from requirements/*.in
	@scripts/setup test
	@scripts/lock

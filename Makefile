# Each target explains itself in `make help`. PYTHON names the interpreter .venv is made with.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2
SIZE ?= small

.DEFAULT_GOAL := help
.PHONY: help setup run test check words lint bench prove walk pictures

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

setup: ## install into .venv, node_modules and tracker/static/vendor (a second time: a second); FOR=service leaves out what tests need
	@$(PYTHON) tools/setup.py

run: setup ## migrate, load the demonstration, serve on HOST:PORT (127.0.0.1:8000) until Ctrl-C
	@$(BIN)/python tools/serve.py

test: setup lint ## every check and every test: SQLite, PostgreSQL, browser, contracts, types
	@$(BIN)/python -m pytest -n $(JOBS)

check: setup lint ## lint, format, types, import contracts and the project's own rules; no database
	@$(BIN)/python -m pytest -q tests/architecture

words: setup ## bring the English catalogue up to the code and print what is to be translated (docs/words.md)
	@$(BIN)/python tools/words.py

lint:
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/djlint --lint --quiet --allow-empty-input templates

bench: setup ## the measurements that guard speed (tests/bench); SIZE=full takes 150,000 units and half an hour
	@SIZE=$(SIZE) $(BIN)/python -m pytest -q tests/bench

prove: setup ## the long proofs: races, crashes, whole state spaces (tests/prove)
	@$(BIN)/python -m pytest tests/prove

walk: setup ## every page of the demonstration, by each role, at five widths, by keyboard, printed, in English (tests/walk)
	@$(BIN)/python -m pytest -q tests/walk

pictures: setup ## take the pictures of README and handbooks anew from the demonstration, in both languages (tests/pictures)
	@$(BIN)/python -m pytest -q tests/pictures

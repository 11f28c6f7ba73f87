# Every target works from any folder (make -C FOLDER demo), twice in a row and two at a time.
# By the shell, since make's own functions would cut a path at its spaces.
ROOT := $(shell cd "$$(dirname "$(strip $(MAKEFILE_LIST))")" && pwd)/
PYTHON ?= python3
JOBS ?= 2
SCHEDULES ?= 200
SEED ?= 1
ARGS ?=
BIN := .venv/bin
# Holds a Terraform when `setup` had to take the packaged one.
export PATH := $(ROOT).venv/terraform:$(PATH)
.ONESHELL:
.SHELLFLAGS := -eu -c
.PHONY: help setup demo picture demo-naip test runs chaos test-hdinsight synapseml lint modules format bench clean

help: ## show this list
	@cd "$(ROOT)" && grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## make the virtual environment from pinned packages
	@cd "$(ROOT)" && $(PYTHON) scripts/setup.py

demo: setup ## the main job on this machine: up, sync, train, compare, score, report, down
	@cd "$(ROOT)" && $(BIN)/aerial-ops run experiments/quickstart.toml --yes

picture: setup ## the README's picture of the demo, from a real run of it
	@cd "$(ROOT)" && $(BIN)/python scripts/terminal_picture.py docs/images/demo.svg --typed '$$ make demo' --title 'make demo' \
	  -- $(BIN)/aerial-ops run experiments/quickstart.toml --yes

demo-naip: setup ## the same on real aerial imagery (../shared/naip)
	@cd "$(ROOT)" && $(BIN)/aerial-ops run experiments/naip.toml --yes

test: lint ## lint, then every test (ARGS="-k name" chooses some)
	@cd "$(ROOT)" && $(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

chaos: setup ## whole lives among faults and signals (SCHEDULES=200 SEED=1; ONLY=n repeats one, AGAIN=1 those done before)
	@cd "$(ROOT)" && $(BIN)/python -m tests.chaos --schedules $(SCHEDULES) --seed $(SEED) --jobs $(JOBS) \
	  $(if $(ONLY),--only $(ONLY)) $(if $(AGAIN),--again)

runs: setup ## every test of whole experiments: killed, cancelled, failed, gone on with (make test has some)
	@cd "$(ROOT)" && RUNS=all $(BIN)/pytest tests/experiment $(ARGS)

lint: setup ## ruff, mypy --strict, the layers, terraform fmt and validate, the workflows' schema
	@cd "$(ROOT)" && $(BIN)/ruff check . && $(BIN)/ruff format --check --quiet . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache \
	  && $${AERIAL_OPS_TERRAFORM:-terraform} fmt -check -recursive terraform && $(BIN)/python scripts/terraform_validate.py \
	  && $(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

test-hdinsight: setup ## the jobs' tests on Spark 3.3, as HDInsight 5.1 has it (ARGS="-k name" chooses some)
	@cd "$(ROOT)" && $(BIN)/python scripts/test_hdinsight.py $(ARGS)

synapseml: setup ## fetch SynapseML's jars (200 MB, once): --engine synapseml, --classifier lightgbm, and their tests
	@cd "$(ROOT)" && $(BIN)/aerial-ops emulator fetch synapseml

modules: setup ## every Terraform module: format, validity, its own tests
	@cd "$(ROOT)" && $(BIN)/pytest tests/terraform/test_modules.py

format: setup ## format the code
	@cd "$(ROOT)" && $(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: setup ## every benchmark, one after the other
	@cd "$(ROOT)" && for program in benchmarks/[a-z]*.py; do $(BIN)/python -m "benchmarks.$$(basename "$$program" .py)"; done

clean: ## stop the emulator and remove what make and the demo have made
	@cd "$(ROOT)" && if [ -x $(BIN)/aerial-ops ]; then $(BIN)/aerial-ops emulator stop || true; fi
	rm -rf .venv .venv.lock .aerial-ops out .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

# Everything here sets itself up: only Python >= 3.11, git and make are needed. `uv` makes it faster where it is there.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)

.PHONY: help demo test servers lint format bench fuzz mutation lock clean
help:            ## what can be made
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/:/'

$(VENV)/.ready: requirements-dev.txt pyproject.toml
ifdef UV
	$(UV) venv --quiet --python $(PYTHON) --seed --clear $(VENV)
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.txt
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --no-build-isolation -e .
else
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
endif
	@touch $@

demo: $(VENV)/.ready   ## the main job on examples/repo: seconds
	@$(BIN)/gitops-rollout demo

test: $(VENV)/.ready   ## all tests
	$(BIN)/python -m pytest -n auto

servers: $(VENV)/.ready ## build the servers that some tests need into a cache: once, up to half an hour
	$(BIN)/python -m tests.servers build

lint: $(VENV)/.ready   ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.ready ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.ready  ## speed and memory, as ratios against a floor of the same run
	$(BIN)/python -m tests.bench

SECONDS ?= 120
fuzz: $(VENV)/.ready   ## manifests for SECONDS (120), then the property tests with many more examples
	$(BIN)/python -m tests.fuzz $(SECONDS)
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -n auto --timeout 3600 -m hypothesis

MUTANTS ?=
mutation: $(VENV)/.ready ## change `core` a bit at a time and see whether its tests notice: an hour or two; goes on where it stopped
	HYPOTHESIS_PROFILE=mutation nice -n 19 $(BIN)/mutmut run $(MUTANTS)
	$(BIN)/mutmut results

lock: $(VENV)/.ready   ## write the requirement files anew: versions and hashes
	uv pip compile --quiet --universal --generate-hashes --no-header pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --group dev pyproject.toml -o requirements-dev.txt

clean:           ## remove what was set up
	rm -rf $(VENV) .cache mutants dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# make            set up .venv and do today's main job
# make test       run the tests          make test-slow  run those that take longer
# make notebook   open the notebook in Jupyter
# make lint       check the code         make types      check the types
# make lock       compile the lock files again           make release    tag the version
# make upgrade INTO=DIR   bring the newest version into the repository in that folder

VENV ?= .venv
# Debian and Ubuntu package ensurepip apart from Python; without it a virtual environment gets no pip.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1 && echo $$p && break; done)
BIN := $(VENV)/bin
RUN := $(BIN)/python

MARKED ?= not slow
# The lock of uv itself.
UV := .github/uv.txt

.PHONY: run test test-slow notebook lint types lock release upgrade
run: $(VENV)/ready
	$(RUN) runner.py

notebook: $(VENV)/ready
	$(RUN) -m jupyter lab notebooks/drift_report.ipynb

test: $(VENV)/ready-dev
	$(RUN) -m pytest -n 4 --dist loadgroup -m "$(MARKED)"

test-slow:
	@$(MAKE) test MARKED=slow

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready-dev
	$(BIN)/mypy

release:
	@.github/release

upgrade: $(VENV)/ready
	@$(RUN) runner.py upgrade --into "$(INTO)"

# UPGRADE=--upgrade takes the newest versions within the bounds; without it only what pyproject.toml asks for changes.
COMPILE = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes $(UPGRADE)
lock: $(VENV)/ready-dev
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --extra postgres --extra aws --extra apprise --extra dask --extra excel --group dev \
		-c requirements.txt -o requirements-dev.txt
	echo uv | $(COMPILE) - -o $(UV)

# An interrupted set-up leaves a python without a pip: then the folder is set up again.
# Without a suitable Python, uv downloads one: the uv on PATH, or one that pip puts into a temporary folder.
$(BIN)/python $(BIN)/pip:
	@python="$(PYTHON)"; if [ -n "$$python" ]; then exec $$python -m venv $(VENV); fi; \
	tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	uv=$$(command -v uv || { python3 -m pip install -q --target "$$tools" -r $(UV) >/dev/null 2>&1 && echo "$$tools/bin/uv"; }) && \
	echo "No suitable Python found; getting one with uv" && \
	"$$uv" venv -q --seed --allow-existing -p '>=3.11,<3.15' $(VENV) || { \
	echo "error: Python 3.11 to 3.14 with venv is needed (Debian, Ubuntu: apt install python3-venv), or uv to download it;" \
	"install either and run make again." >&2; exit 1; }

# uv installs in seconds what takes pip minutes; where uv can't reach the index (a mirror set up for pip alone), pip does it.
pip = $(RUN) -m pip install -q --disable-pip-version-check
install = $(pip) -r $(UV) && $(RUN) -m uv pip install -q -p $(RUN) -r $(1) || $(pip) -r $(1)

$(VENV)/ready: requirements.txt | $(BIN)/python $(BIN)/pip
	@echo "Setting up $(VENV) (once; a minute or two)"
	@$(call install,requirements.txt)
	@touch $@

$(VENV)/ready-dev: requirements-dev.txt | $(VENV)/ready
	@$(call install,requirements-dev.txt)
	@touch $@

# make            set up .venv and do today's main job
# make test       run the tests          make test-slow  run those that take longer
# make notebook   open the notebook in Jupyter
# make lint       check the code         make lock       compile the lock files again

VENV ?= .venv
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 && echo $$p && break; done)
BIN := $(VENV)/bin
RUN := $(BIN)/python

.PHONY: run test test-slow notebook lint lock
run: $(VENV)/ready
	$(RUN) runner.py

notebook: $(VENV)/ready
	$(RUN) -m jupyter lab notebooks/drift_report.ipynb

test: $(VENV)/ready-dev
	$(RUN) -m pytest -n 2 --dist loadgroup -m "not slow"

test-slow: $(VENV)/ready-dev
	$(RUN) -m pytest -n 2 --dist loadgroup -m slow

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lock: $(VENV)/ready-dev
	$(BIN)/uv pip compile -q --universal --python-version 3.11 pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 pyproject.toml \
		--extra postgres --extra aws --extra apprise --extra dask --group dev \
		-c requirements.txt -o requirements-dev.txt

# An interrupted set-up leaves a python without a pip: then the folder is set up again.
$(BIN)/python $(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "error: Python 3.11, 3.12 or 3.13 is needed; install one and run make again."; exit 1; }
	$(PYTHON) -m venv $(VENV)

# uv installs in seconds what takes pip minutes; where uv can't reach the index (a mirror set up for pip alone), pip does it.
pip = $(RUN) -m pip install -q --disable-pip-version-check
install = $(pip) uv && $(RUN) -m uv pip install -q -p $(RUN) -r $(1) || $(pip) -r $(1)

$(VENV)/ready: requirements.txt | $(BIN)/python $(BIN)/pip
	@echo "Setting up $(VENV) (once; a minute or two)"
	@$(call install,requirements.txt)
	@touch $@

$(VENV)/ready-dev: requirements-dev.txt | $(VENV)/ready
	@$(call install,requirements-dev.txt)
	@touch $@

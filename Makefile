# Nothing but this file and Python 3.11 to 3.13 is needed: every target sets up what it uses.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PEERS ?= .venv-peers

.PHONY: fly test check truth soak bench docs clean

fly: $(VENV)/.ready            ## fly the default campaign
	$(BIN)/anabasis fly

test: check                    ## lint, types, the import rule, then the tests
	$(BIN)/pytest -q -n 2 --dist loadfile -m "not truth and not soak"

check: $(VENV)/.ready-test     ## lint, types and the import rule alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

# witnesses: SPICE on the full DE440, pykep; in full: 50 kills, 1,000 corruptions, 50 replays ...
truth: $(VENV)/.ready-truth $(PEERS)/.ready    ## ask the witnesses again; ensembles' tests in full
	ANABASIS_PYKEP=$(PEERS)/bin/python ANABASIS_PEERS=$(PEERS)/bin/python $(BIN)/pytest -q -m truth $(TRUTH)

soak: $(VENV)/.ready-test      ## a million cases: the memory stays flat
	$(BIN)/pytest -q -m soak

bench: $(VENV)/.ready-test $(PEERS)/.ready   ## ratios against peers, in the same run
	$(BIN)/python benchmarks/start.py
	$(BIN)/python benchmarks/porkchop.py --pykep $(PEERS)/bin/python
	$(BIN)/python benchmarks/ensembles.py
	$(BIN)/python benchmarks/ascent.py --rocketpy $(PEERS)/bin/python
	$(BIN)/python benchmarks/optimise.py --peers $(PEERS)/bin/python

docs: $(VENV)/.ready-test      ## rewrite docs/validation.md and the README's picture
	$(BIN)/python builders/write_validation.py
	$(BIN)/python builders/draw_march.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "anabasis needs Python 3.11 to 3.13; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

PAGE = hatch_build.py page/package-lock.json page/vite.config.ts $(wildcard page/src/*)

# installing also builds the page of the reports, where its sources have changed
$(VENV)/.ready: $(VENV)/bin/python pyproject.toml $(PAGE)
	$(BIN)/pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.ready-test: $(VENV)/.ready
	$(BIN)/pip install -q --disable-pip-version-check -e '.[test]'
	@touch $@

$(VENV)/.ready-truth: $(VENV)/.ready-test
	$(BIN)/pip install -q --disable-pip-version-check -e '.[test,truth]'
	@touch $@

# peers run in processes and an environment of their own
$(PEERS)/.ready: pyproject.toml
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/pip install -q --disable-pip-version-check pykep rocketpy casadi bsk dymos openmdao
	@touch $@

clean:                         ## remove the virtual environment
	rm -rf $(VENV) $(PEERS)

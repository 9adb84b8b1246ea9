# All set-up is done by these targets; they work from any folder: make -C path/to/billdesk run
ROOT := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
VENV := $(ROOT)/.venv
BIN := $(VENV)/bin
PO := $(wildcard $(ROOT)/translations/*/*.po)
MO := $(PO:.po=.mo)
export PYTHONPATH := $(ROOT)/src
DEMO ?= $(ROOT)/build/demo

.PHONY: run app test check bench screenshots translations lock clean

run: $(VENV)/.run-ready $(MO) ## build the demo book from spreadsheets, bill it, reconcile it, open the window on it
	cd $(ROOT) && $(BIN)/python -m billdesk demo --folder "$(DEMO)" --open

app: $(VENV)/.run-ready $(MO) ## open the window
	cd $(ROOT) && $(BIN)/python -m billdesk

test: $(VENV)/.dev-ready $(MO) ## the whole suite
	cd $(ROOT) && QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: $(VENV)/.dev-ready $(MO) ## format, lint, types, layers
	cd $(ROOT) && $(BIN)/ruff format --check . && $(BIN)/ruff check .
	cd $(ROOT) && $(BIN)/mypy
	cd $(ROOT) && $(BIN)/lint-imports
	cd $(ROOT) && $(BIN)/python packaging/catalogues.py check

bench: $(VENV)/.dev-ready $(MO) ## ratios against the raw limit, in one run
	cd $(ROOT) && QT_QPA_PLATFORM=offscreen $(BIN)/python -m benchmarks $(ARGS)

screenshots: $(VENV)/.dev-ready $(MO) ## every screen, light and dark, en and nl, 100 and 150 %
	cd $(ROOT) && QT_QPA_PLATFORM=offscreen $(BIN)/python packaging/screenshots.py

translations: $(VENV)/.dev-ready ## collect texts from the code into translations/
	cd $(ROOT) && $(BIN)/python packaging/catalogues.py update

%.mo: %.po | $(VENV)/.run-ready
	$(BIN)/python $(ROOT)/packaging/catalogues.py compile $<

$(VENV)/bin/python:
	bash $(ROOT)/packaging/bootstrap.sh "$(VENV)"

$(VENV)/.run-ready: $(ROOT)/requirements/run.txt | $(VENV)/bin/python
	bash $(ROOT)/packaging/system_libraries.sh
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

$(VENV)/.dev-ready: $(ROOT)/requirements/dev.txt | $(VENV)/.run-ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

lock: $(VENV)/.dev-ready ## pin the newest versions that pyproject allows
	bash $(ROOT)/packaging/lock.sh

clean:
	rm -rf $(VENV) $(ROOT)/build $(MO)

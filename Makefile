# make app    the workbench in a browser, on http://localhost:8501
# make test   all tests           make check   linters and types       make format   put code in shape
# make bench  the benchmarks      make audit   known vulnerabilities, and licences
# make clean  remove what make made (never workspace/, where runs live)

.PHONY: app test check format bench audit clean browser
.DEFAULT_GOAL := app
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PY  := .venv/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check

app: .venv/runtime.stamp
	@$(PY) -m streamlit run app.py

test: .venv/dev.stamp browser
	$(PY) -m pytest -n 2 --dist loadfile

check: .venv/dev.stamp
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

format: .venv/dev.stamp
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: .venv/dev.stamp
	$(PY) benchmarks/quality.py

audit: .venv/dev.stamp
	$(PY) docs/supply.py

clean:
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is brought up to date whenever the requirements change.
.venv/runtime.stamp: requirements.txt | .venv/pip.stamp
	@echo "Installing what MetaRec needs to run (once; torch is large) ..."
	@$(PIP) -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements.txt requirements-dev.txt | .venv/pip.stamp
	@echo "Installing what MetaRec and its tests need (once; torch is large) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@ .venv/runtime.stamp

.venv/pip.stamp:
	@python=; \
	for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "MetaRec needs Python 3.11 or newer and finds none on PATH: install it from python.org or your package manager." >&2; exit 1; \
	fi; \
	"$$python" -m venv .venv || { \
	  echo "Python's venv module is missing: on Debian and Ubuntu install it with 'apt-get install python3-venv'." >&2; exit 1; }
	@touch $@

# Browser tests want Chromium. On Debian, as root, it is fetched; elsewhere those tests say why they are skipped.
browser:
	@if ! command -v chromium >/dev/null && [ "$$(id -u)" = 0 ] && grep -qs '^ID=debian' /etc/os-release; then \
	  echo "Installing Chromium for the browser tests (once) ..."; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
	    chromium fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji; } >/dev/null 2>&1 \
	  || echo "Chromium could not be installed; the browser tests will be skipped."; \
	fi

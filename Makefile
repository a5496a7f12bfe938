# make run     starts Drawpack; Ctrl-C stops it
# make test    runs the tests;     make test ARGS="-k periods"
# make test-postgres  runs them on a private PostgreSQL server, which it starts and removes
# make lint    checks style, types and known vulnerabilities
# make sbom    writes sbom.json, the list of all libraries (CycloneDX)
# make bench   measures;           make bench ARGS=...
# make messages  brings the catalogues of words (translations/) up to date with the source
# make lock    compiles the requirements from pyproject.toml (ARGS=--upgrade for newer versions)
# make schema  keeps the tables of a release for later versions to migrate; make schema VERSION=0.1.0
# make setup   makes the environment in .venv; the others do so by themselves

PYTHON = .venv/bin/python
LOCK = --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	--custom-compile-command "make lock" $(ARGS) pyproject.toml

# The tests mostly wait: four processes keep two cores busy.
SPREAD = -n 4 --dist loadfile --no-loadscope-reorder

.PHONY: help setup run test test-postgres lint lock bench messages schema
.SILENT:

help:
	sed -n 's/^# //p' Makefile

setup:
	bin/setup requirements.txt

run: setup
	exec $(PYTHON) -m supervisor

test:
	bin/setup requirements-dev.txt
	exec $(PYTHON) -m pytest -q $(SPREAD) $(ARGS)

test-postgres:
	bin/setup requirements-dev.txt
	exec $(PYTHON) -m tests.postgresql $(PYTHON) -m pytest -q $(SPREAD) $(ARGS)

lint:
	bin/setup requirements-dev.txt
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/hadolint deploy/docker/Dockerfile
	.venv/bin/compose-lint --fail-on high deploy/docker/compose.yaml
	$(PYTHON) -m bandit --quiet --recursive --configfile pyproject.toml .
	$(PYTHON) bin/audit

sbom:
	bin/setup requirements-dev.txt
	$(PYTHON) bin/sbom

bench: setup
	exec $(PYTHON) -m bench $(ARGS)

messages: setup
	exec $(PYTHON) -m translations

lock:
	command -v uv >/dev/null || { echo "make lock needs uv (pip install uv)." >&2; exit 1; }
	uv pip compile $(LOCK) --output-file requirements.txt
	uv pip compile $(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt

schema: setup
	$(PYTHON) -m tests.schemas $(VERSION)

# `make` alone lists what there is to do.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
LOCK := $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links

.PHONY: help run code test lint bench messages lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|' 2>/dev/null || sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1   \2/p' Makefile

run: .venv/.runtime .venv/.pango node_modules/.installed ## start CRS on this machine (CRS_DEVELOPMENT=1 reloads and shows debug pages)
	@$(PY) manage.py run_local

code: .venv/.runtime ## the second step of a demonstration log-in: make code USER=sklad (without: of admin)
	@$(PY) manage.py staff_code $(if $(filter command line,$(origin USER)),$(USER))

test: .venv/.dev .venv/.cwt .venv/.pango .venv/.chromium .venv/.nginx .venv/.dovecot .venv/.poppler staticfiles/staticfiles.json ## every test, in a real browser too
	@PYTHONDONTWRITEBYTECODE= $(PY) -m tests.cpu_time $(PY) -m pytest --numprocesses 2 --dist loadgroup $(ARGS)

lint: .venv/.dev .venv/.pango node_modules/.installed ## style, types, floors, templates, migrations, translations, deployment checks
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m djlint --quiet --lint templates
	$(PY) manage.py update_translations --check
	$(PY) manage.py compile_translations --verbosity 0
	$(PY) manage.py makemigrations --check --dry-run
	DATABASE_URL=postgresql://lint REDIS_URL=redis://lint SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') \
		LOOKUP_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(32))') PUBLIC_URL=https://lint.invalid ALLOWED_HOSTS=lint.invalid \
		FIELD_ENCRYPTION_KEY=$$($(PY) -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
		SIGNING_KEY_ENCRYPTION_KEY=$$($(PY) -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
		OPERATOR_NAME=lint OPERATOR_ADDRESS=lint OPERATOR_EMAIL=lint DATA_PROTECTION_OFFICER=lint HELP_LINE_ABROAD=lint \
		TWILIO_ACCOUNT_SID=AClint TWILIO_AUTH_TOKEN=lint TWILIO_SENDER=lint EMAIL_URL=smtp://lint \
		$(PY) manage.py check --deploy --fail-level WARNING

bench: .venv/.dev .venv/.pango node_modules/.installed ## processor time as ratios to yardsticks of the same run, into bench.json (sections: ARGS=--help)
	@$(PY) manage.py compile_translations --verbosity 0
	@$(PY) manage.py collectstatic --no-input --verbosity 0
	@$(PY) -m tests.bench $(ARGS)

messages: .venv/.runtime ## refresh the translation catalogs from the code
	$(PY) manage.py update_translations

lock: .venv/.dev ## write the lock files from pyproject.toml
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) --extra dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock
	$(LOCK) --group node --output-file requirements-node.lock
	$(LOCK) --group pip --output-file requirements-pip.lock
	$(LOCK) --group cwt --output-file requirements-cwt.lock

clean: ## forget everything that was installed or started here, the local database too
	rm -rf .venv .local node_modules staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis

# --- what has to be there; each stamp is newer than what it was made from ---------------------------

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "CRS needs Python 3.11 or newer: set PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv; $(PYTHON) -I crs/bootstrap.py venv && $(PYTHON) -m venv .venv; }

# The interpreter brings whatever pip and setuptools were current when it was made.
.venv/.pip: requirements-pip.lock | .venv/bin/python
	@$(PIP) --upgrade --requirement requirements-pip.lock
	@touch $@

.venv/.runtime: requirements.lock | .venv/.pip
	@echo "Installing Python packages …"
	@$(PIP) --requirement requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock | .venv/.pip
	@echo "Installing Python packages for development …"
	@$(PIP) --requirement requirements-dev.lock
	@touch $@ .venv/.runtime

# In a folder of its own, which one test puts in front of the others: it wants an older cbor2 than ours.
.venv/.cwt: requirements-cwt.lock | .venv/.pip
	@rm -rf .venv/cwt
	@$(PIP) --target .venv/cwt --requirement requirements-cwt.lock
	@touch $@

.venv/.pango: | .venv/.runtime
	@$(PY) -I crs/bootstrap.py pango
	@touch $@

# Folders too: one is newer when a file in it was deleted. Files of Django and other packages come with .venv/.runtime.
# Without --clear, for a portal that runs here serves from this folder; the manifest names only what there is.
staticfiles/staticfiles.json: $(shell find static) crs/front_end_files.py crs/staticfiles.py crs/settings.py \
		.venv/.runtime node_modules/.installed
	@$(PY) manage.py collectstatic --no-input --verbosity 0
	@touch $@

# Not stamps: where Chromium, nginx, dovecot or Poppler cannot be had, the tests say so each time.
.PHONY: .venv/.chromium .venv/.nginx .venv/.dovecot .venv/.poppler
.venv/.chromium: | .venv/.dev
	@$(PY) -I crs/bootstrap.py chromium

.venv/.nginx: | .venv/.dev
	@$(PY) -I crs/bootstrap.py nginx

.venv/.dovecot: | .venv/.dev
	@$(PY) -I crs/bootstrap.py dovecot

.venv/.poppler: | .venv/.dev
	@$(PY) -I crs/bootstrap.py poppler

node_modules/.installed: package-lock.json | .venv/.runtime
	@echo "Installing front-end packages …"
	@$(PY) -I crs/bootstrap.py node
	@touch $@

# Two commands are the contract: `make refresh` and `make test`. Each sets up what it needs, from the locks in
# requirements/, in .venv/ and .tools/, on a machine that has Python 3.11, make and git.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help install refresh status ui site site-serve test check check-types check-code check-sql format samples soak at-rest bare-debian intruder random-instruments bench bench-read bench-errata bench-scale bench-peers spark compare-engines lock clean

VENV := .venv/bin
UV := .tools/uv/bin/uv
SQLFLUFF := .tools/sqlfluff/bin/sqlfluff
SPARK := .tools/spark
PEERS := dlt-dbt sqlmesh pandas polars
# Compiled at install: importing uncompiled packages doubles the time of a refresh.
INSTALL := $(UV) pip sync --quiet --require-hashes --compile-bytecode
EDITABLE := $(UV) pip install --quiet --no-deps --no-build-isolation --python $(VENV)/python --editable .
COMPILE := $(UV) pip compile --quiet --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	--custom-compile-command "make lock"
DBT_FILES := $(shell find dbt_project -name '*.sql' -o -name '*.py' -o -name '*.yml' -o -name '*.md')
# A distribution's Python goes first, where it can make environments: it is built with optimizations that pyenv leaves out,
# and building the models takes a sixth less. `make PYTHON=…` names another.
FOUND_PYTHON = $(or $(PYTHON),$(shell for python in /usr/bin/python3.11 python3.11 python3; do \
	$$python -c 'import ensurepip, sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo $$python && exit; \
	done; echo python3))

help:  ## Show the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "make %-10s %s\n", $$1, $$2}'

install: .tools/dbt/parsed.json  ## Set up what `needs` runs on, and nothing else

refresh: .tools/dbt/parsed.json  ## Land, build, check and release the bundled extracts
	@$(VENV)/needs refresh

status: .venv/main.stamp  ## Show waves, rounds, releases and the served warehouse
	@$(VENV)/needs status

ui: .tools/dbt/parsed.json  ## Open Dagster's web UI on http://127.0.0.1:3000
	@$(VENV)/needs ui

site: .tools/dbt/parsed.json  ## Build the report site of the newest release into site/ (Node 20, npm)
	@$(VENV)/needs site build

site-serve: .venv/main.stamp  ## Show the report site on http://127.0.0.1:8080
	@$(VENV)/needs site serve

test: .venv/dev.stamp .tools/dbt/parsed.json  ## Run the whole test suite
	@$(VENV)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/dev.stamp .tools/sqlfluff/stamp  ## ruff, mypy, bandit and sqlfluff
	@$(MAKE) --no-print-directory --jobs 2 --output-sync check-types check-code check-sql

check-types:
	@$(VENV)/mypy

check-code:
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/bandit --quiet --configfile pyproject.toml --recursive orchestration expectations \
		2> >(grep -vE "nosec encountered|Test in comment" >&2)

check-sql:
	@$(SQLFLUFF) lint --disable-progress-bar dbt_project/models dbt_project/tests

format: .venv/dev.stamp .tools/sqlfluff/stamp  ## Let ruff and sqlfluff put the code in order
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .
	@$(SQLFLUFF) fix --disable-progress-bar dbt_project/models dbt_project/tests

samples: .venv/dev.stamp  ## Make the bundled extracts anew: the same bytes each time
	@$(VENV)/python -m samples

soak: .venv/dev.stamp .tools/dbt/parsed.json  ## Kill refreshes and read through others for 15 minutes; nothing may be lost
	@PYTHONPATH=.:tests $(VENV)/python -W ignore tests/soak.py --minutes 15

at-rest: .venv/dev.stamp  ## Measure what the services of deploy/ take while nothing happens; at most 2 % of a core
	@PYTHONPATH=.:tests $(VENV)/python -W ignore tests/at_rest.py

bare-debian: .venv/dev.stamp  ## Bring up deploy/ in a Debian of nothing but systemd by its runbook alone (root, debootstrap)
	@PYTHONPATH=.:tests $(VENV)/python -W ignore tests/bare_debian.py

intruder: .venv/dev.stamp  ## Attack the bundled wave and 500 deployments made by chance with an exact solver
	@INTRUDER_DEPLOYMENTS=500 $(VENV)/python -m pytest tests/orchestration/disclosure/test_intruder.py -k "by_chance or bundled_wave"

random-instruments: .venv/dev.stamp  ## Take 300 small deployments made by chance through land, build, draft and gate (N=…)
	@PYTHONPATH=.:tests nice $(VENV)/python -W ignore tests/random_instruments.py --number $(or $(N),300)

bench: .venv/dev.stamp .tools/dbt/parsed.json  ## Time a refresh stage by stage beside its floor, and its peak memory
	@$(VENV)/python -m tests.benchmark

bench-read: .venv/dev.stamp  ## Time reading 1 GiB of CSV beside DuckDB, and its peak memory
	@$(VENV)/python -m tests.benchmark_reading

bench-errata: .venv/dev.stamp  ## Plant errors into printed reports: how many are found, who is accused
	@PYTHONPATH=.:tests $(VENV)/python -W ignore tests/errata_benchmark.py

bench-scale: .venv/dev.stamp .tools/dbt/parsed.json  ## Refresh N answers beside a script in DuckDB (N="1000000 10000000", FORM=csv)
	@PYTHONPATH=.:tests nice $(VENV)/python -W ignore tests/benchmark_scale.py $(or $(N),1000000) --form $(or $(FORM),parquet)

bench-peers: .venv/dev.stamp .tools/dbt/parsed.json $(PEERS:%=.tools/peers/%/stamp)  ## Make the cube of N answers beside dlt with dbt, SQLMesh, pandas and Polars (N="1000000 10000000")
	@PYTHONPATH=.:tests nice $(VENV)/python -W ignore tests/benchmark_peers.py $(or $(N),1000000) --form $(or $(FORM),parquet)

spark: .venv/main.stamp $(SPARK)/stamp  ## Refresh the bundled extracts with the models that grow built on Spark (Java 17)
	@NEEDS_ENGINE=spark $(VENV)/needs refresh

compare-engines: .venv/dev.stamp $(SPARK)/stamp  ## Build the bundled waves on DuckDB and on Spark: every table and release has to be equal
	@PYTHONPATH=.:tests $(VENV)/python -W ignore tests/compare_engines.py $(SEEDS)

lock: .tools/uv/stamp  ## Lock the dependencies of pyproject.toml with hashes
	$(COMPILE) pyproject.toml --group build -o requirements/main.txt
	$(COMPILE) pyproject.toml --group build --group dev -c requirements/main.txt -o requirements/dev.txt
	$(COMPILE) --group lint-sql -o requirements/lint-sql.txt
	$(COMPILE) --group spark -o requirements/spark.txt
	$(foreach peer,$(PEERS),$(COMPILE) --group peer-$(peer) -o requirements/peer-$(peer).txt &&) true

clean:  ## Remove environments and everything that runs have written, releases excepted
	rm -rf .venv .tools data

.tools/uv/stamp: requirements/uv.txt
	@$(FOUND_PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed, found " + sys.version.split()[0])'
	@echo "set up: uv"
	@rm -rf .tools/uv && $(FOUND_PYTHON) -m venv .tools/uv
	@.tools/uv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

.venv/main.stamp: requirements/main.txt pyproject.toml .tools/uv/stamp
	@echo "set up: packages (a minute at the first time)"
	@test -x $(VENV)/python || $(UV) venv --quiet --python $(FOUND_PYTHON) .venv
	@$(INSTALL) --python $(VENV)/python requirements/main.txt
	@$(EDITABLE)
	@$(VENV)/python -m compileall -q orchestration expectations
	@touch $@

# Parsed at install as well: each deployment would do it anew, which takes as long as all of its SQL.
.tools/dbt/parsed.json: .venv/main.stamp $(DBT_FILES)
	@echo "set up: dbt's parse of the project"
	@$(VENV)/python -c 'from orchestration.pipeline.dbt import parse_for_deployments as parse; parse()'
	@chmod -R a+rX .tools/dbt

.venv/dev.stamp: requirements/dev.txt .venv/main.stamp
	@echo "set up: packages for development"
	@$(INSTALL) --python $(VENV)/python requirements/dev.txt
	@$(EDITABLE)
	@touch $@

.tools/sqlfluff/stamp: requirements/lint-sql.txt .tools/uv/stamp
	@echo "set up: sqlfluff"
	@$(UV) venv --quiet --clear --python $(FOUND_PYTHON) .tools/sqlfluff
	@$(INSTALL) --python .tools/sqlfluff/bin/python $<
	@touch $@

$(SPARK)/stamp: requirements/spark.txt .tools/uv/stamp
	@echo "set up: Spark (half a gigabyte)"
	@$(UV) venv --quiet --clear --python $(FOUND_PYTHON) $(SPARK)
	@$(INSTALL) --python $(SPARK)/bin/python $<
	@touch $@

.tools/peers/%/stamp: requirements/peer-%.txt .tools/uv/stamp
	@echo "set up: $*"
	@$(UV) venv --quiet --clear --python $(FOUND_PYTHON) .tools/peers/$*
	@$(INSTALL) --python .tools/peers/$*/bin/python $<
	@touch $@

# make run    set up, show a sample detection, serve the embedded model on http://127.0.0.1:8000
# make test   set up and pass every test
# make check  everything that must hold before a change lands: lint, types, imports, docs, audit, tests
# make coverage  the tests, and the share of lines that they run
# make docs   the documentation, in site/index.html
# make audit  known vulnerabilities of what is installed, as far as the package index tells (pip-audit)
# make bench  latency, throughput, memory and start-up time, with one JSON line last;
#             LLM=FOLDER adds the same of an LLM, with its grammar and what each way to save time brings

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# a process a core, four at most, each with one thread: threads of several processes hinder one another
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile
TORCH ?= torch==2.13.0
PORT ?= 8000

.PHONY: run test check coverage docs audit bench clean

run: $(VENV)/.run
	$(BIN)/pii-sft detect "收件人张三，电话138-0013-8000，住北京市朝阳区建国路88号。" --format table
	PII_SFT_KEY=$${PII_SFT_KEY:-$$($(BIN)/pii-sft key)} $(BIN)/pii-sft serve --port $(PORT)

test: $(VENV)/.dev
	$(PYTEST)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) docs
	$(MAKE) audit
	$(PYTEST)

# apart from check, since the tests take about half as long again when each line is counted
coverage: $(VENV)/.dev
	$(PYTEST) --cov --cov-report=
	@echo "coverage: $$($(BIN)/coverage report --format=total)% of the lines, subprocesses apart"

# from installed packages alone; --strict fails for a broken link and for a page outside the navigation
docs: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# the report is written when the index has answered, so a failure without one is the index's, not a vulnerability
audit: $(VENV)/.dev
	@rm -f $(VENV)/audit.txt
	@if $(BIN)/pip-audit --skip-editable --progress-spinner off --output $(VENV)/audit.txt 2> $(VENV)/audit.log; then \
		echo "no known vulnerability; packages that the index does not know: $$(grep -c 'not be audited' $(VENV)/audit.txt)"; \
	elif [ -e $(VENV)/audit.txt ]; then cat $(VENV)/audit.txt; exit 1; \
	else tail -n 1 $(VENV)/audit.log; echo "not audited: the index does not answer"; fi

bench: $(VENV)/$(if $(LLM),.dev,.run)
	$(BIN)/pii-sft bench
	$(if $(LLM),$(BIN)/python scripts/bench_llm.py --model $(LLM))

clean:
	rm -rf $(VENV) build dist site

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "no venv module: on Debian, apt install python3-venv"; exit 1; }

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

# torch first: where the index gives a CUDA build, name one with CPU wheels, as in docs/install.md
$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $@ $(VENV)/.run

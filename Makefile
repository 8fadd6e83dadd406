# Every target sets up .venv by itself: make and plain python3 are all it takes.
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9
DEMO := runs/demo
TRAINED := $(DEMO)/trained
REVIEWS := package://facade_allennlp/corpora/reviews/validation.jsonl

export TOKENIZERS_PARALLELISM := false
export ALLENNLP_LOG_LEVEL ?= WARNING

.PHONY: install test lint unit fuzz demo demo-trained docs pictures bench lock clean

install: .venv/installed

.venv/installed: requirements.txt pyproject.toml setup.py
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

test: lint unit

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Gets the browser itself; where it can get none, leaves out the tests that need one.
unit: install
	@why="$$($(BIN)/python fixtures/browser.py)" && \
		NO_BROWSER="$$why" $(BIN)/python -m pytest -n 2 --dist loadfile

# Good files and arguments, spoilt in many ways: refused in a sentence, or nothing has changed.
fuzz: install
	$(BIN)/python -m tests.security.flips
	$(BIN)/python -m tests.fuzz --mutations $(or $(MUTATIONS),100000) --seed $(or $(SEED),0)

# From the sample corpus to a page that shows the lie, by a facade that is constructed.
demo: install
	rm -rf $(DEMO)
	$(BIN)/facade train training_configs/demo/predictive.jsonnet -s $(DEMO)/f
	$(BIN)/facade construct-facade $(DEMO)/f --target first_token --output $(DEMO)/g_ft
	$(BIN)/facade merge $(DEMO)/f $(DEMO)/g_ft --output $(DEMO)/f_ft
	$(BIN)/facade measure $(DEMO)/f $(DEMO)/f_ft --data $(REVIEWS) --target first_token --limit 100 \
		--output $(DEMO)/results
	$(BIN)/facade report $(DEMO)/results --output $(DEMO)/report.html

# The same by a facade that is trained; takes the f of `make demo` where it is there.
demo-trained: install
	rm -rf $(TRAINED)
	test -e $(DEMO)/f/model.tar.gz || \
		$(BIN)/facade train training_configs/demo/predictive.jsonnet -s $(DEMO)/f --force
	$(BIN)/facade train training_configs/demo/facade.jsonnet -s $(TRAINED)/g_ft
	$(BIN)/facade merge $(DEMO)/f $(TRAINED)/g_ft --output $(TRAINED)/f_ft
	$(BIN)/facade measure $(DEMO)/f $(TRAINED)/f_ft --data $(REVIEWS) --target first_token \
		--output $(TRAINED)/results
	$(BIN)/facade report $(TRAINED)/results --output $(TRAINED)/report.html

# The pages of the methods, and the tutorial, which runs on the demo's models.
docs: install
	@test -e $(DEMO)/f_ft/model.tar.gz || { echo "make docs needs the demo's models: make demo"; exit 1; }
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs

# Those of README and docs, of the demo's models.
pictures: install
	$(BIN)/python -m docs.pictures $(DEMO)
	$(BIN)/python -m docs.made_facade_picture $(DEMO)/g_ft

bench: install
	$(BIN)/python -m benchmarks --output results/benchmarks.md
	$(BIN)/python -m benchmarks.tokens --output results/tokens.md $(if $(DATA),--data $(DATA))

# The lock: pins and hashes, with AllenNLP's caps overridden.
lock: install
	$(BIN)/uv pip compile pyproject.toml --all-extras --overrides requirements/overrides.txt \
		--generate-hashes --python-version 3.11 --no-header --quiet \
		--output-file requirements.txt

clean:
	rm -rf .venv build *.egg-info runs/demo

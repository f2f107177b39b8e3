# `make run` starts the gateway; `make test` runs every test there is; `make check` is the fast loop.

CARGO ?= cargo
GATEWAY := target/release/openclaw
# Of the whole workspace, so that what the tests have built is not built again with other features.
BUILD := $(CARGO) build --workspace

.PHONY: run build check lint test test-postgres test-python test-node test-go test-examples go-native gobind wheel node-packages bench openapi sdk-types clean-bench

run: build ## Build and start the gateway with no configuration.
	@$(GATEWAY) serve

build: ## Build the gateway as it is shipped: one binary.
	$(CARGO) build --release -p openclaw

check: ## The fast loop: format, clippy, tidy, unit tests.
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	scripts/need-nextest
	$(CARGO) nextest run --workspace -E 'kind(lib) or test(tidy)'

lint: ## What a reviewer should not have to say.
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	scripts/lint-dependencies

test: ## Every test there is; installs what it needs.
	scripts/need-nextest
	scripts/need-chromium
	scripts/need-interop
	scripts/need-mcp
	$(CARGO) nextest run --workspace --profile all
	$(MAKE) test-postgres
	$(CARGO) test --workspace --doc
	$(MAKE) test-python
	$(MAKE) test-node
	$(MAKE) test-go
	scripts/sdk-tests
	EXAMPLES_READY=1 scripts/test-examples

test-postgres: ## The gateway's tests once more, on a PostgreSQL of their own, and those of several gateways.
	scripts/with-postgres $(CARGO) nextest run --workspace --test it --profile postgres -E "binary_id(openclaw::it)"

test-python: ## The Python SDK: its wheel in a clean environment, against the real gateway.
	$(BUILD) --bin openclaw
	scripts/need-python
	target/python/venv/bin/pytest -q bindings/python/tests

test-node: ## The Node SDK: its packages installed as a user would, against the real gateway.
	$(BUILD) --bin openclaw
	scripts/need-node
	bindings/node/node_modules/.bin/tsc -p bindings/node/tests
	OPENCLAW_ROOT=$(CURDIR) node --test target/node/app/tests/*.test.mjs

node-packages: ## The Node SDK as it is shipped from this machine: its packages, in target/node/packages.
	PROFILE=sdk scripts/need-node

wheel: ## The Python SDK as it is shipped from this machine: wheel and sdist, in target/python/wheels.
	PROFILE=sdk scripts/need-python
	target/python/venv/bin/maturin sdist --manifest-path bindings/python/Cargo.toml --out target/python/wheels

test-go: ## The Go SDK and the generator of its native half, with the race detector, against the real gateway.
	$(BUILD) --bin openclaw --bin openclaw-sdk-tests
	scripts/need-go
	scripts/check-go

test-examples: ## Every program of examples/, with the model echo: what it prints is checked.
	scripts/test-examples

go-native: ## The native library of the Go SDK as it is shipped, for this machine, put where the Go command finds it.
	PROFILE=sdk scripts/need-go

gobind: ## Write the generated half of bindings/go, and that of the generator's fixture, anew.
	$(CARGO) build -q -p openclaw-gobind -p openclaw-gobind-fixture -p openclaw-go
	target/debug/gobind target/debug/libopenclaw_go.so --package native --into bindings/go/internal/native
	target/debug/gobind target/debug/libgobind_fixture.so --package fixture --into crates/gobind/tests/fixture/go

bench: build ## Measure the gateway beside its peers; prints the tables of bench/README.md.
	$(CARGO) build --release -p openclaw-bench
	target/release/openclaw-bench run --gateway $(GATEWAY)

openapi: ## Write openapi/openapi.json anew.
	$(CARGO) run -q -p openclaw -- openapi > openapi/openapi.json.new
	mv openapi/openapi.json.new openapi/openapi.json

sdk-types: ## Write the types of the Python, Node and Go SDKs anew, from openapi/openapi.json.
	$(CARGO) run -q -p openclaw-sdk-types

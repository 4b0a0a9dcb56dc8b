# make help says what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

.PHONY: help
help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build and serve http://localhost:8080, with the data in ./data
	@scripts/run.sh

.PHONY: test
test: ## Run every test: Go on both databases, frontend, browser
	@scripts/test.sh $(PARTS)

.PHONY: lint
lint: ## Lint Go and shell
	@scripts/lint.sh

.PHONY: format
format: ## Format Go as the linter wants it
	@scripts/lint.sh fix

.PHONY: check
check: ## Do what CI does: test, then lint
	@.ci/run

.PHONY: bench
bench: ## Measure what the design promises, beside the machine's own limits
	go run ./internal/bench

FUZZTIME ?= 1m

.PHONY: fuzz
fuzz: ## Look for what breaks on strangers' words, FUZZTIME (1m) for each target
	@for file in $$(git grep -lE '^func Fuzz' -- '*_test.go'); do \
		for target in $$(grep -oE '^func Fuzz[A-Za-z]+' $$file | cut -d ' ' -f 2); do \
			echo "▸ $$target in $$(dirname $$file)"; \
			go test "./$$(dirname $$file)" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x || exit 1; \
		done; \
	done

.PHONY: dev
dev: build ## Serve with the frontend reloading on change, on http://localhost:5173
	@scripts/dev.sh

.PHONY: build
build: frontend server ## Build frontend and server into bin/drystone

# Go knows by itself what has changed.
.PHONY: server
server:
	@echo "▸ building the server"
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/drystone ./cmd/drystone

.PHONY: frontend
frontend: frontend/build/index.html ## Build the frontend, if it has changed

FRONTEND_SOURCES := $(shell find frontend/src frontend/static frontend/scripts -type f 2>/dev/null) \
	$(wildcard frontend/*.json frontend/*.js frontend/*.ts)

frontend/build/index.html: frontend/node_modules/.package-lock.json $(FRONTEND_SOURCES)
	@echo "▸ building the frontend"
	@log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
		npm --prefix frontend --no-update-notifier run build >"$$log" 2>&1 || { cat "$$log"; exit 1; }
	@touch $@

# npm leaves this file behind when it has installed everything.
frontend/node_modules/.package-lock.json: frontend/package-lock.json | tools
	@echo "▸ installing what the frontend is built with"
	@npm --prefix frontend --no-update-notifier --no-audit --no-fund --loglevel error ci
	@touch $@

.PHONY: tools
tools:
	@scripts/need.sh build

.PHONY: generate
generate: frontend/node_modules/.package-lock.json ## Make anew what is generated: the API document, its types
	go test ./api/v1 -run '^TestDocument$$' -update
	npm --prefix frontend --no-update-notifier run --silent api

.PHONY: vuln
vuln: ## Ask the vulnerability databases (needs the network)
	go run golang.org/x/vuln/cmd/govulncheck@latest ./...
	npm --prefix frontend audit --omit=dev

.PHONY: clean
clean: ## Remove what was built, but no data
	rm -rf bin frontend/node_modules frontend/.svelte-kit
	find frontend/build -mindepth 1 ! -name .keep -delete

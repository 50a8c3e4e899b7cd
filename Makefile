# Carillon's front door. `make help` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help prepare demo build release test lint format bench image clean

RELEASE := .build-release
CARILLON := $(RELEASE)/release/carillon

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

prepare: ## check for Swift, install the missing C libraries
	@scripts/prepare

demo: release ## run the whole chain in simulated time; CANDLES=DIR or EXCHANGE=URL for other data
	@$(CARILLON) demo $(if $(CANDLES),--candles $(CANDLES)) $(if $(EXCHANGE),--exchange $(EXCHANGE)) $(if $(DAYS),--days $(DAYS)) $(ARGS)

build: prepare ## build for debugging
	swift build --explicit-target-dependency-import-check error

release: prepare ## build the program as it is shipped: .build-release/release/carillon
	@swift build -c release --product carillon --scratch-path $(RELEASE)

test: prepare ## run every test
	swift test --explicit-target-dependency-import-check error $(ARGS)

lint: ## check the format, the scripts and the examples
	@scripts/lint

format: ## format every Swift file
	swift format format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

bench: prepare ## measure, beside the named peers, and print ratios
	@Benchmarks/run

image: ## build the container image
	docker build --tag carillon:latest --file deploy/Dockerfile .

clean: ## remove what was built, not the demo's data
	rm -rf .build .build-release

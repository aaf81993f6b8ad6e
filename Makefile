# All there is to do with this project; `make help` lists it.
SWIFT ?= swift
BINARY := .build/debug/agentsight-export
# The fast encoders of gzip, and zstd, where their libraries are installed.
ISAL = $(if $(wildcard /usr/include/isa-l/igzip_lib.h /usr/local/include/isa-l/igzip_lib.h),ISAL)
LIBDEFLATE = $(if $(wildcard /usr/include/libdeflate.h /usr/local/include/libdeflate.h),LIBDEFLATE)
ZSTD = $(if $(wildcard /usr/include/zstd.h /usr/local/include/zstd.h),ZSTD)
COMMA := ,
SPACE := $() $()
TRAITS = $(addprefix --traits ,$(subst $(SPACE),$(COMMA),$(strip $(ISAL) $(LIBDEFLATE) $(ZSTD))))

# Of `make fuzz`: how long, from which seed (none: by chance), which target alone, which finding to try again.
FUZZ_SECONDS ?= 120
FUZZ_SEED ?=
FUZZ_TARGET ?=
FUZZ_REPLAY ?=

# Of `make soak`: how many of each attack, and the first seed. Calls of the system that fail: of runs, and of commands that only look.
SOAK_SCHEDULES ?= 1000
SOAK_DEATHS ?= 200
SOAK_STORES ?= 400
SOAK_FAULTS ?= 1000
SOAK_DESTINATIONS ?= 500
SOAK_NIGHTS ?= 200
SOAK_SEED ?= 1

# Of `make mutants`: which ones, by the beginnings of their names (none: all).
ONLY ?=

# Of `make bench`: how many conversations of some 7 KB; the peers have the first only.
BENCH_ROWS ?= 20000 200000
# Which parts of it: start, latency, limits, looks, exports (none: all, and loads).
BENCH_ONLY ?=

# Of `make simulate`: what is drawn by chance, and which table alone.
SIMULATE_SEED ?= 1
SIMULATE_ONLY ?=

# Optimized: with Swift within it, libraries that come along beside it, and today's commit. All in one way, since another one would
# compile everything again.
BUILD_RELEASE = $(SWIFT) build $(TRAITS) -c release --manifest-cache none $(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib \
	-Xlinker -rpath -Xlinker '$$ORIGIN/../lib/agentsight-export')

.DEFAULT_GOAL := help
.PHONY: help setup build release dist dist-check docs demo test lint format integration fuzz soak mutants memory bench bench-check \
	simulate clean

help: ## List what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what the build and the tests need and is missing (Debian and its kin: zlib1g-dev, python3, jq, libisal-dev, libdeflate-dev, libzstd-dev, strace)
	@./scripts/setup

build: setup ## Build everything, tests included
	$(SWIFT) build $(TRAITS) --build-tests

release: setup ## Build the optimized command, which needs no Swift where it runs: .build/release/agentsight-export
	$(BUILD_RELEASE) --product agentsight-export

dist: release ## Pack it with manual, completions and units: a tar archive and a Debian package in dist/
	@./scripts/dist .build/release/agentsight-export

dist-check: dist ## Install the Debian package in a bare root and run it there; needs debootstrap and root
	@./integration/bare_root dist/*.deb

docs: build ## Make the documentation of the libraries: .build/docs/agentsight-export.doccarchive
	@./scripts/docs .build/debug .build/docs

demo: setup ## Build, and run the main job on the embedded imitation of the service
	$(SWIFT) build $(TRAITS) --product agentsight-export
	@$(BINARY) demo

# So many tests at the same time: each serves and runs commands, and all at once they would wait for one another past their limits.
TEST_WIDTH ?= 12

test: build ## Run all tests; what is skipped is said at the end, and TEST_OPTIONS=--whole fails then
	@SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(TEST_WIDTH) SWIFT="$(SWIFT)" TRAITS="$(TRAITS)" ./scripts/test $(TEST_OPTIONS)

lint: ## Check the style of the sources
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests
	@./scripts/lint_text
	@./scripts/mutants --list >/dev/null

format: ## Put the sources into shape
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

integration: build ## Check against other people's tools: the vendor's client, Python, jq, gzip, PostgreSQL, DuckDB, ClickHouse, Spark, Airflow
	@./scripts/setup integration
	@./integration/run

fuzz: setup ## Try inputs by chance against independent readers: FUZZ_SECONDS, FUZZ_SEED, FUZZ_TARGET, FUZZ_REPLAY
	$(SWIFT) build $(TRAITS) --product Fuzz
	@.build/debug/Fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_SEED:%=--seed %) $(FUZZ_TARGET:%=--only %) $(FUZZ_REPLAY:%=--replay %)

soak: build ## Attack exports for long: SOAK_SCHEDULES, SOAK_DEATHS, SOAK_STORES (that lie), SOAK_FAULTS (of system calls), SOAK_DESTINATIONS (hostile), SOAK_NIGHTS (thirty each), SOAK_SEED
	@rm -f .build/soak-figures
	AGENTSIGHT_SOAK_SCHEDULES=$(SOAK_SCHEDULES) AGENTSIGHT_SOAK_DEATHS=$(SOAK_DEATHS) AGENTSIGHT_SOAK_STORES=$(SOAK_STORES) \
		AGENTSIGHT_SOAK_FAULTS=$(SOAK_FAULTS) AGENTSIGHT_SOAK_DESTINATIONS=$(SOAK_DESTINATIONS) AGENTSIGHT_SOAK_NIGHTS=$(SOAK_NIGHTS) AGENTSIGHT_SOAK_SEED=$(SOAK_SEED) \
		AGENTSIGHT_SOAK_FIGURES=$(CURDIR)/.build/soak-figures $(SWIFT) test $(TRAITS) --skip-build --filter SoakTests
	@awk -F '\t' '{ sum[$$2] += $$1 } END { for (name in sum) print sum[name], name }' .build/soak-figures | sort -k2

mutants: setup ## Break each guard on purpose, and show that a test notices: ONLY=walk tries some
	@SWIFT="$(SWIFT)" TRAITS="$(TRAITS)" ./scripts/mutants $(if $(ONLY),--only $(ONLY))

memory: release ## Measure the peak memory of runs over 20,000 and over 200,000 rows
	@python3 bench/memory .build/release/agentsight-export

bench: release ## Time runs and loads beside the encoders alone and beside other tools: BENCH_ROWS, BENCH_ONLY
	@./scripts/setup bench
	$(BUILD_RELEASE) --product Benchmark
	@python3 bench/run .build/release/agentsight-export --rows $(BENCH_ROWS) $(if $(BENCH_ONLY),--only $(BENCH_ONLY))
	@$(if $(BENCH_ONLY),,python3 bench/loads .build/release/agentsight-export)

bench-check: setup ## Count instructions, and compare them with those that were kept
	@./scripts/setup bench
	$(BUILD_RELEASE) --product Benchmark
	@python3 bench/check .build/release/Benchmark

# Of two equal ranges a walk splits either; with the seed of hashing fixed, always the same one.
simulate: setup ## Simulate runs too large to be tried, for docs/scale.md: SIMULATE_SEED, SIMULATE_ONLY
	$(BUILD_RELEASE) --product Simulate
	@SWIFT_DETERMINISTIC_HASHING=1 .build/release/Simulate --seed $(SIMULATE_SEED) $(SIMULATE_ONLY:%=--only %)

clean: ## Remove what was built and exported
	rm -rf .build .build-mutants demo-export dist

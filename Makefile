# Carillon's front door. `make help` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help deb prepare prove-day prove-deploy prove-faces prove-money prove-notify prove-peers prove-plans prove-snapshots prove-store demo build release install uninstall test storm soak sweep kill-loop lint format bench image container gate clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

prepare: ## check for Swift, install the missing C libraries
	@scripts/prepare

demo: prepare ## run the whole chain in simulated time; CANDLES=DIR or EXCHANGE=URL for other data
	@scripts/compile debug
	@.build/debug/carillon demo $(if $(CANDLES),--candles $(CANDLES)) $(if $(EXCHANGE),--exchange $(EXCHANGE)) $(if $(DAYS),--days $(DAYS)) $(ARGS)

build: prepare ## build for debugging
	swift build --explicit-target-dependency-import-check error

release: prepare ## build the program as it is shipped, static: .build-release/release/carillon
	@scripts/compile release

test: prepare ## run every test; ARGS='--filter NAME' for some
	@ARGS='$(ARGS)' scripts/run_tests

install: ## put the release into PREFIX (/usr/local), with completions, manual and a unit of systemd
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' scripts/install

deb: release ## make a Debian package of the release: .build-release/carillon_VERSION_ARCH.deb
	@scripts/deb

uninstall: ## take away what install wrote; set-ups and databases stay
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' scripts/install --remove

storm: prepare ## sail the whole service through seeded misfortunes in simulated time; SEEDS=N FIRST=SEED
	@scripts/prove_storms --seeds $(or $(SEEDS),10000) --first $(or $(FIRST),1)

soak: release ## let it run under load and print what grows; MINUTES=N
	@scripts/soak.py $(or $(MINUTES),60)

sweep: release ## kill a rebalance before each call to disk and network, and count its orders at an exchange; POINTS=N
	@scripts/checks/order_sweep $(or $(POINTS),all)

prove-orders: release ## kill rebalances under random faults at both venues, and count their orders; TRIES=N FIRST=SEED
	@scripts/prove_orders --tries $(or $(TRIES),500) --first $(or $(FIRST),1)

prove-day: release ## live through a day of trading in a storm of faults, at 60 times the speed; MINUTES=N SEED=N
	@scripts/prove_day --minutes $(or $(MINUTES),1440) --seed $(or $(SEED),1)

prove-replies: prepare ## change bytes of every reply of both venues, and hold what is read against the truth; COUNT=N
	@MUTATIONS=$(or $(COUNT),100000) ARGS='--filter MutatedReplyTests' scripts/run_tests

kill-loop: release ## kill it 100 times at random moments, and count what must be true; ROUNDS=N
	@scripts/kill_loop.py $(or $(ROUNDS),100)

prove-money: prepare ## hold money to its invariants in simulated worlds; SEEDS=N FIRST=SEED
	@scripts/prove_money --seeds $(or $(SEEDS),100000) --first $(or $(FIRST),1)

prove-snapshots: release ## kill all that works on snapshots before each call to the disk, put each fault at each request of a push
	@scripts/checks/snapshots_killed all
	@scripts/checks/snapshots_killed all --power
	@scripts/checks/snapshots_remote all
	@scripts/checks/snapshots_remote all --store swift
	@scripts/prove_snapshot_sizes all
	@SNAPSHOT_BITS=all swift test --explicit-target-dependency-import-check error --filter 'SnapshotDamageTests|SnapshotChainTests'

prove-faces: release ## keep 100 pages open for ten minutes, send the API all it can be sent, kill it with messages in hand; MINUTES=N
	@scripts/prove_faces --minutes $(or $(MINUTES),10)
	@scripts/checks/api --examples 200 --seconds 600
	@scripts/checks/web_security --tries 10000
	@scripts/checks/chat
	@scripts/checks/notify --all

prove-notify: release ## of prove-faces, the kills at each step of each channel while a message is on its way
	@scripts/checks/notify --all

prove-peers: release ## hold rebalances to two peers over every month and day there is; needs vectorbt and CARILLON_SHARED
	@scripts/peers_money.py --all

prove-plans: prepare ## hold whole rebalances to the invariants of money; SEEDS=N FIRST=SEED SLOTS=N
	@scripts/prove_plans --seeds $(or $(SEEDS),3500) --first $(or $(FIRST),1) --slots $(or $(SLOTS),24)

prove-store: release ## let the disk and the power fail at every call of a chain of jobs; POINTS=N
	@scripts/checks/storage_faults $(or $(POINTS),all)

lint: ## check the format, the scripts and the examples
	@scripts/lint

format: ## format every Swift file
	swift format format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

bench: prepare ## measure, beside the named peers, and print ratios
	@Benchmarks/run

image: ## build the container image
	docker build --tag carillon:latest --file deploy/Dockerfile .

container: ## build the image and try out what an operator may do to it
	@scripts/container_suite.py

prove-deploy: ## the same out of the sources, twice, and deployments taken back, upgrades, certificates, a full disk, a stranger's half hour
	@scripts/container_suite.py --all

gate: ## all that must hold before a change is taken
	@bash .ci/run

clean: ## remove what was built, not the demo's data
	rm -rf .build .build-release

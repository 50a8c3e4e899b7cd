#!/usr/bin/env python3
"""Kills Carillon with -9 at random moments, again and again, and then counts what must still be true.

    scripts/kill_loop.py ROUNDS [--seed N] [--program FILE] [--keep]

Each round starts `carillon run` on a schedule of seconds, runs a job by hand beside it, and kills one of the two after
0.05 to 3 s. A model that changes several times a second keeps orders coming. In the end the schedule is laid to rest, the
debts are paid, and the ledger is read:

- the database is whole; no (job, slot) and no client order id is there twice; no run succeeded in two attempts;
- every slot that fell due, worked out anew from the schedule, has one run in one final state, down the whole chain;
- cash and positions equal the sum of the fills, in exact decimals; each order's fills add up to it;
- no plan and no order is left half done, and nothing half-written lies about.
"""
import argparse
import collections
import decimal
import json
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from decimal import Decimal

ROOT = pathlib.Path(__file__).resolve().parent.parent
FINAL = {"succeeded", "failed", "timed-out", "skipped", "coalesced", "missed"}
CHAIN = ["fetch", "compute", "infer", "rebalance"]
# Jobs at the head of a chain and the spans at which they fall due, aligned to the epoch.
HEADS_MS = {"fetch": 1000, "snapshot": 3000}
MODEL_EVERY_SECONDS = 0.4
SETTLE_LIMIT_SECONDS = 120
STOP_LIMIT_SECONDS = 60
# What a command run by hand may end with beside 0: its job failed, or another holds the slot or the database.
ALLOWED_EXITS = {0, 1, 75}

SETTINGS = """\
version: 1
mode: paper
database: {{ path: kill.db }}
venues:
  simulated: {{ kind: simulated, seed: {seed} }}
accounts:
  main: {{ quote: USDT, cash: "100000", fee-bps: 10, slippage-bps: 5 }}
market:
  venue: simulated
  symbols: [BTC-USDT, ETH-USDT, LTC-USDT, SOL-USDT]
  timeframe: 1m
  features:
    roc5: roc(5)
    rsi14: rsi(14)
defaults:
  fetch: {{ history: 2h }}
  infer: {{ model: model.json, max-age: 1h }}
  rebalance: {{ top: 2, weighting: score, max-weight: 0.6, cash-buffer: 0.05, band: 0.01, max-age: 1h }}
web: {{ port: 0 }}
log: {{ format: json }}
"""

SCHEDULES = """\
version: 1
jobs:
  fetch:     {{ {fetch}, deadline: 60s, catchup: latest }}
  compute:   {{ after: fetch, deadline: 60s }}
  infer:     {{ after: compute, deadline: 60s }}
  rebalance: {{ after: infer, deadline: 60s }}
  snapshot:  {{ {snapshot}, deadline: 60s, catchup: latest, with: {{ keep: {{ latest: 3 }} }} }}
"""
BUSY = SCHEDULES.format(fetch="every: 1s", snapshot="every: 3s")


def at_rest():
    """The same jobs, at a time of day that is hours away: what is owed is paid, and nothing new falls due."""
    cron = f'cron: "0 {(time.gmtime().tm_hour + 12) % 24} * * *"'
    return SCHEDULES.format(fetch=cron, snapshot=cron)


class Loop:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-kill-"))
        self.daemon = None
        self.starts = 0
        self.counts = collections.Counter()
        self.complaints = []
        self.drawing = threading.Event()

    # --- the world ---

    def write(self, name, text):
        """As an editor does: a new file takes the old one's place."""
        fresh = self.folder / f".{name}.fresh"
        fresh.write_text(text)
        fresh.replace(self.folder / name)

    def draw_model(self, source):
        self.write("model.json", json.dumps({
            "kind": "linear", "version": 1, "name": "dice", "features": ["roc5", "rsi14"],
            "weights": [source.uniform(-1, 1), source.uniform(-0.02, 0.02)], "bias": source.uniform(0, 1)}))

    def draw_models(self):
        source = random.Random(self.options.seed + 1)
        while not self.drawing.wait(MODEL_EVERY_SECONDS):
            self.draw_model(source)

    def command(self, *words):
        return [str(self.options.program), *words, "--config", "carillon.yaml", "--schedules", "schedules.yaml"]

    def start(self):
        self.starts += 1
        self.log = self.folder / f"run-{self.starts:04}.log"
        with self.log.open("wb") as log:
            self.daemon = subprocess.Popen(
                self.command("run"), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start_manual(self):
        job = self.random.choice(["fetch", "compute", "infer", "rebalance", "rebalance", "snapshot"])
        words = ["job", "run", job] + (["--chain"] if self.random.random() < 0.5 else [])
        self.counts["runs by hand"] += 1
        return subprocess.Popen(
            self.command(*words), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True), words

    def kill(self, process, what):
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            self.counts[f"killed: {what}"] += 1
        process.wait()

    def check_alive(self):
        if self.daemon.poll() is not None:
            tail = "".join(self.log.read_text(errors="replace").splitlines(keepends=True)[-20:])
            raise SystemExit(f"carillon run ended by itself with {self.daemon.returncode}:\n{tail}")

    def round(self):
        if self.daemon is None:
            self.start()
        time.sleep(self.random.uniform(0.05, 1.0))
        if self.random.random() < 0.3:
            manual, _ = self.start_manual()
            time.sleep(self.random.uniform(0, 0.06))
            self.check_alive()
            self.kill(manual, "a run by hand")
            return
        manual, words = self.start_manual() if self.random.random() < 0.5 else (None, None)
        # Most jobs take milliseconds: half of the kills come in the tenth of a second in which the chain runs.
        now = time.time()
        time.sleep(1 - now % 1 + self.random.uniform(0, 0.1) if self.random.random() < 0.5
                   else self.random.uniform(0, 1.5))
        self.check_alive()
        self.kill(self.daemon, "carillon run")
        self.daemon = None
        if manual:
            output, _ = manual.communicate(timeout=SETTLE_LIMIT_SECONDS)
            self.counts[f"by hand, exit {manual.returncode}"] += 1
            if manual.returncode not in ALLOWED_EXITS:
                self.complaints.append(f"{' '.join(words)}: exit {manual.returncode}: {output[-2000:]}")

    def stop(self):
        self.daemon.send_signal(signal.SIGTERM)
        try:
            code = self.daemon.wait(timeout=STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            code = f"none within {STOP_LIMIT_SECONDS} s"
            self.kill(self.daemon, "carillon run, deaf to SIGTERM")
        if code != 0:
            self.complaints.append(f"SIGTERM: exit {code}: {self.log.read_text(errors='replace')[-2000:]}")
        self.daemon = None

    def connect(self):
        database = sqlite3.connect(f"file:{self.folder / 'kill.db'}?mode=ro", uri=True, timeout=30)
        database.execute("PRAGMA query_only = 1")
        return database

    def settle(self):
        """Lays the schedule to rest and waits until nothing runs and nothing is owed."""
        # A start sweeps up the lock of a run by hand that was killed before it claimed anything.
        if self.daemon is not None:
            self.stop()
        self.start()
        deadline = time.monotonic() + SETTLE_LIMIT_SECONDS
        # What fell due while nothing ran is caught up before the schedule changes: a changed one has no past.
        started = time.time() * 1000
        while not self.has_run_since(started):
            self.check_alive()
            if time.monotonic() > deadline:
                self.complaints.append("nothing runs after the last start")
                break
            time.sleep(0.1)
        self.write("schedules.yaml", at_rest())
        quiet = 0
        while quiet < 12:
            if time.monotonic() > deadline:
                self.complaints.append("debts are not paid within two minutes")
                break
            self.check_alive()
            time.sleep(0.25)
            with self.connect() as database:
                states = dict(database.execute("SELECT state, count(*) FROM run GROUP BY state"))
                until = database.execute("SELECT max(since) FROM job_mark WHERE job = 'fetch'").fetchone()[0]
                waiting = sum(count for state, count in states.items() if state not in FINAL)
                waiting += self.missing_followers(database)
            database.close()
            quiet = 0 if waiting or until is None or until == self.began else quiet + 1
        self.ended = until
        self.stop()

    def has_run_since(self, moment):
        """Whether each head has had a slot of after a moment, or a catch-up since."""
        database = self.connect()
        try:
            heads = [database.execute("SELECT max(slot) FROM run WHERE job = ? AND \"trigger\" <> 'manual'",
                                      (head,)).fetchone()[0] for head in HEADS_MS]
        finally:
            database.close()
        return all(slot is not None and slot > moment for slot in heads)

    @staticmethod
    def missing_followers(database):
        return sum(database.execute(
            "SELECT count(*) FROM run p WHERE p.job = ? AND p.state = 'succeeded' AND p.\"trigger\" <> 'manual' "
            "AND NOT EXISTS (SELECT 1 FROM run c WHERE c.job = ? AND c.slot = p.slot)", pair).fetchone()[0]
            for pair in zip(CHAIN, CHAIN[1:]))

    def run(self):
        self.write("carillon.yaml", SETTINGS.format(seed=self.options.seed))
        self.write("schedules.yaml", BUSY)
        self.draw_model(self.random)
        thread = threading.Thread(target=self.draw_models, daemon=True)
        thread.start()
        began = time.monotonic()
        try:
            for number in range(self.options.rounds):
                self.round()
                if number == 0 or self.began is None:
                    self.began = self.first_mark()
                if (number + 1) % 10 == 0:
                    print(f"  {number + 1} rounds, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            self.settle()
        finally:
            self.drawing.set()
            if self.daemon is not None and self.daemon.poll() is None:
                self.daemon.kill()
                self.daemon.wait()
        self.seconds = time.monotonic() - began
        self.verify()

    began = None

    def first_mark(self):
        try:
            database = self.connect()
            found = database.execute("SELECT since FROM job_mark WHERE job = 'fetch'").fetchone()
            database.close()
            return found[0] if found else None
        except sqlite3.Error:
            return None  # killed before there was a database

    # --- the ledger ---

    def expect(self, holds, what):
        if not holds:
            self.complaints.append(what)

    def verify(self):
        decimal.getcontext().prec = 60
        self.verify_leftovers()  # first: reading a write-ahead log leaves files of its own
        database = self.connect()
        verdict = [row[0] for row in database.execute("PRAGMA integrity_check")]
        self.expect(verdict == ["ok"], f"integrity_check: {verdict}")
        self.expect(not database.execute("PRAGMA foreign_key_check").fetchall(), "rows without their parents")
        self.verify_runs(database)
        self.verify_chain(database)
        self.verify_money(database)
        self.verify_snapshots(database)
        database.close()

    def verify_runs(self, database):
        runs = database.execute('SELECT id, job, slot, state, "trigger" FROM run').fetchall()
        twice = [key for key, n in collections.Counter((r[1], r[2]) for r in runs).items() if n > 1]
        self.expect(not twice, f"(job, slot) twice: {twice}")
        open_runs = [r for r in runs if r[3] not in FINAL]
        self.expect(not open_runs, f"runs that never ended: {open_runs}")
        succeeded = dict(database.execute(
            "SELECT run, count(*) FROM attempt WHERE outcome = 'succeeded' GROUP BY run"))
        self.expect(all(n == 1 for n in succeeded.values()), f"runs that succeeded twice: {succeeded}")
        for run, job, slot, state, _ in runs:
            if (state == "succeeded") != (run in succeeded):
                self.complaints.append(f"{job} {slot} is {state}, its successful attempts: {succeeded.get(run, 0)}")
        unended = database.execute("SELECT count(*) FROM attempt WHERE ended IS NULL").fetchone()[0]
        self.expect(unended == 0, f"{unended} attempts never ended")
        self.counts["runs"] = len(runs)
        for _, _, _, state, trigger in runs:
            self.counts[f"runs {state}"] += 1
            self.counts[f"trigger {trigger}"] += 1
        for outcome, n in database.execute("SELECT outcome, count(*) FROM attempt GROUP BY outcome"):
            self.counts[f"attempts {outcome}"] = n
        for job, head in HEADS_MS.items():
            have = {slot for _, name, slot, _, trigger in runs if name == job and trigger != "manual"}
            due = set(range((self.began // head + 1) * head, self.ended + 1, head))
            # A run by hand may have met a slot to the millisecond; what fell due as the schedule changed may be
            # either schedule's.
            by_hand = {slot for _, name, slot, _, trigger in runs if name == job and trigger == "manual"}
            missing = sorted(slot for slot in due - have - by_hand if slot < self.ended - 50)
            self.expect(not missing, f"{job}: {len(missing)} of {len(due)} due slots have no run: {missing[:5]}")
            self.expect(not have - due, f"{job}: runs of slots that were not due: {sorted(have - due)[:5]}")
            self.counts[f"due slots of {job}"] = len(due)

    def verify_chain(self, database):
        for parent, child in zip(CHAIN, CHAIN[1:]):
            orphans = database.execute(
                "SELECT c.slot, c.state FROM run c LEFT JOIN run p ON p.job = ? AND p.slot = c.slot "
                "WHERE c.job = ? AND c.\"trigger\" = 'after' AND (p.state IS NULL OR p.state <> 'succeeded')",
                (parent, child)).fetchall()
            self.expect(not orphans, f"{child} ran at slots where {parent} did not succeed: {orphans[:5]}")
        missing = self.missing_followers(database)
        self.expect(missing == 0, f"{missing} slots of the chain ended without the next job's run")

    def verify_money(self, database):
        orders = database.execute(
            "SELECT client_id, account, symbol, side, quantity, state, filled, value, job, slot, leg FROM orders").fetchall()
        ids = collections.Counter(order[0] for order in orders)
        self.expect(all(n == 1 for n in ids.values()), "a client order id is there twice")
        keys = collections.Counter((o[1], o[8], o[9], o[2], o[10]) for o in orders)
        self.expect(all(n == 1 for n in keys.values()), "an order of the same slot, symbol and leg is there twice")
        undone = [o[:6] for o in orders if o[5] in ("planned", "intent", "sent", "unknown")]
        self.expect(not undone, f"orders half done: {undone[:5]}")
        plans = database.execute("SELECT count(*) FROM plan WHERE state = 'open'").fetchone()[0]
        self.expect(plans == 0, f"{plans} plans are still open")
        cash = collections.defaultdict(Decimal)
        held = collections.defaultdict(Decimal)
        for name, quote, initial in database.execute("SELECT name, quote, initial FROM account"):
            cash[name, quote] = Decimal(initial)
        by_id = {order[0]: order for order in orders}
        filled = collections.defaultdict(lambda: [Decimal(0), Decimal(0)])
        for client, quantity, price, value, fee, asset in database.execute(
                "SELECT client_id, quantity, price, value, fee, fee_asset FROM fill"):
            _, account, symbol, side, *_ = by_id[client]
            sign = 1 if side == "buy" else -1
            quote = symbol.split("-")[1]
            held[account, symbol] += sign * Decimal(quantity)
            cash[account, quote] -= sign * Decimal(value)
            cash[account, asset] -= Decimal(fee)
            filled[client][0] += Decimal(quantity)
            filled[client][1] += Decimal(value)
            error = abs(Decimal(quantity) * Decimal(price) - Decimal(value))
            self.expect(error <= Decimal("1e-8"), f"{client}: {quantity} x {price} is not {value}")
            self.counts["fills"] += 1
        for order in orders:
            quantity, value = filled[order[0]]
            self.expect(quantity == Decimal(order[6]) and value == Decimal(order[7]),
                        f"{order[0]}: its fills add up to {quantity} for {value}, the order says {order[6]} for {order[7]}")
            if order[5] == "filled":
                self.expect(quantity == Decimal(order[4]), f"{order[0]}: filled {quantity} of {order[4]}")
        stored = {(a, b): Decimal(c) for a, b, c in database.execute("SELECT account, asset, amount FROM cash")}
        for key in {*cash, *stored}:
            self.expect(cash[key] == stored.get(key, cash[key] if not orders else Decimal(0)),
                        f"cash of {key}: {stored.get(key)}, by the fills {cash[key]}")
        stored = {(a, b): Decimal(c) for a, b, c in database.execute("SELECT account, symbol, quantity FROM position")}
        for key in {*held, *stored}:
            self.expect(held[key] == stored.get(key, Decimal(0)),
                        f"position {key}: {stored.get(key)}, by the fills {held[key]}")
        self.counts["orders"] = len(orders)
        for order in orders:
            self.counts[f"orders {order[5]}"] += 1
        self.counts["plans"] = database.execute("SELECT count(*) FROM plan").fetchone()[0]

    def verify_snapshots(self, database):
        result = subprocess.run(self.command("snapshot", "verify", "--all"), cwd=self.folder, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.expect(result.returncode == 0, f"snapshot verify --all: exit {result.returncode}\n{result.stdout[-2000:]}")
        self.counts["snapshots kept"] = len(list((self.folder / "snapshots").glob("*.zst")))

    def verify_leftovers(self):
        for path in sorted(self.folder.rglob("*")):
            name = path.name
            if path.is_dir() or name.startswith("run-") or name in (
                    "carillon.yaml", "schedules.yaml", "model.json", "kill.db", "kill.db.daemon.lock", "kill.db.heartbeat", "kill.db.request",
                    "gate", "made", ".lock"):
                continue
            parent = path.parent.name
            if parent == "snapshots" and name.endswith((".zst", ".json")):
                continue
            # A model that was being kept: its draft goes an hour later.
            if path.parent.parent.name == "kill.db.models" and parent.startswith("."):
                continue
            # The key that snapshots are signed with, or the draft of one that was being made.
            if name.startswith("snapshot-signing.key"):
                continue
            self.complaints.append(f"left behind: {path.relative_to(self.folder)} ({path.stat().st_size} bytes)")

    def report(self):
        print(f"kill loop: {self.options.rounds} rounds, seed {self.options.seed}, {self.seconds:.0f} s, "
              f"{self.starts} starts of carillon run")
        for key in sorted(self.counts):
            print(f"  {key:32} {self.counts[key]}")
        for complaint in self.complaints:
            print(f"BROKEN: {complaint}")
        print("kill loop:", f"{len(self.complaints)} promises broken; replay: scripts/kill_loop.py "
              f"{self.options.rounds} --seed {self.options.seed}" if self.complaints else "all promises held")
        return 1 if self.complaints else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rounds", type=int)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--program", type=pathlib.Path, help="the carillon to kill; else what was built last")
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    options = parser.parse_args()
    if options.program is None:
        built = [ROOT / folder / "carillon" for folder in (".build-release/release", ".build/debug")]
        options.program = next((path for path in built if path.exists()), None)
        if options.program is None:
            parser.exit(69, "kill_loop: carillon is not built: run `make release`\n")
    options.program = options.program.resolve()
    loop = Loop(options)
    try:
        loop.run()
        return loop.report()
    finally:
        if options.keep or loop.complaints:
            print(f"kept: {loop.folder}", file=sys.stderr)
        else:
            shutil.rmtree(loop.folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

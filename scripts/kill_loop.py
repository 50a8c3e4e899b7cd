#!/usr/bin/env python3
"""Kills Carillon with -9 at random moments, again and again, and then counts what must still be true.

    scripts/kill_loop.py ROUNDS [--of-each N] [--seed N] [--program FILE] [--keep]

Each round starts `carillon run` on a schedule of seconds, runs a job by hand beside it, and kills one of the two after
0.05 to 3 s. A model that changes several times a second keeps orders coming. Among them, once for every ten rounds and once at
least, it kills a run by hand that a slot waits for, a snapshot, and an edit of the schedule or its reload
(kill_operations.py). In the end the schedule is laid to rest, the debts are paid, and the ledger is read (kill_ledger.py):

- the database is whole; no (job, slot) and no client order id is there twice; no run succeeded in two attempts;
- every slot that fell due, worked out anew from the schedule, has one run in one final state, down the whole chain;
- cash and positions equal the sum of the fills, in exact decimals; each order's fills add up to it;
- no plan and no order is left half done, and nothing half-written lies about.

Then, as often, it kills a restore, a migration of thirteen steps and a pruning, each on a database of its own (kill_places.py).
A kill that was aimed at an operation and came too late is told, and aimed again.
"""
import argparse
import collections
import json
import os
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

from kill_ledger import FINAL, HEADS_MS, Ledger, missing_followers
from kill_operations import Operations, Stuck, hours_away, until
from kill_places import Places

ROOT = pathlib.Path(__file__).resolve().parent.parent
# So often a kill is aimed until it falls inside the operation.
AIMS = 15
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
  slow:      {{ {slow}, deadline: 60s, catchup: all, overlap: queue, job: command, with: {{ shell: true, run: "{script}" }} }}
  mark:      {{ {mark}, deadline: 60s, catchup: latest, job: command, with: {{ run: [/bin/echo, "version 0"] }} }}
"""
# Notes in a file of its own when it begins and ends, and does not end while a file of its slot is there.
SCRIPT = ("echo begin $CARILLON_SLOT >> journal; while [ -e hold-$CARILLON_SLOT ]; do sleep 0.02; done; "
          "echo end $CARILLON_SLOT >> journal")
BUSY = SCHEDULES.format(fetch="every: 1s", snapshot="every: 3s", slow="every: 5s", mark="every: 1s", script=SCRIPT)


def at_rest():
    """The same jobs, at a time of day that is hours away: what is owed is paid, and nothing new falls due."""
    due = hours_away()
    return SCHEDULES.format(fetch=due, snapshot=due, slow=due, mark=due, script=SCRIPT)


class Loop:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-kill-"))
        self.daemon = None
        self.starts = 0
        self.counts = collections.Counter()
        # Of each kind whether each of its kills fell inside the operation.
        self.aims = collections.defaultdict(list)
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

    def popen(self, *words, environment=None):
        return subprocess.Popen(
            self.command(*words), cwd=self.folder, env=os.environ | (environment or {}), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run_command(self, *words, environment=None):
        process = self.popen(*words, environment=environment)
        output, _ = process.communicate(timeout=SETTLE_LIMIT_SECONDS)
        return subprocess.CompletedProcess(words, process.returncode, output)

    def ready(self):
        """Has the service running, and past its start."""
        if self.daemon is None:
            self.start()
        until(lambda: '"running"' in self.log.read_text(errors="replace") or self.check_alive(), "the start of carillon run")

    def schedules(self):
        return (self.folder / "schedules.yaml").read_text()

    def kill_daemon(self):
        self.kill(self.daemon, "carillon run")
        self.daemon = None

    def expect(self, holds, what):
        if not holds:
            self.complaints.append(what)

    def start_manual(self):
        job = self.random.choice(["fetch", "compute", "infer", "rebalance", "rebalance", "snapshot"])
        words = ["job", "run", job] + (["--chain"] if self.random.random() < 0.5 else [])
        self.counts["runs by hand"] += 1
        return self.popen(*words), words

    def kill(self, process, what):
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            self.counts[f"killed: {what}"] += 1
        process.wait()

    def check_alive(self):
        if self.daemon.poll() is not None:
            tail = "".join(self.log.read_text(errors="replace").splitlines(keepends=True)[-20:])
            raise Stuck(f"carillon run ended by itself with {self.daemon.returncode}:\n{tail}")

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
        self.kill_daemon()
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
                changed = database.execute("SELECT max(since) FROM job_mark WHERE job = 'fetch'").fetchone()[0]
                waiting = sum(count for state, count in states.items() if state not in FINAL)
                waiting += missing_followers(database)
            database.close()
            quiet = 0 if waiting or changed in (None, self.began) else quiet + 1
        self.ended = changed
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

    def run(self):
        self.write("carillon.yaml", SETTINGS.format(seed=self.options.seed))
        self.write("schedules.yaml", BUSY)
        self.draw_model(self.random)
        thread = threading.Thread(target=self.draw_models, daemon=True)
        thread.start()
        self.began_at = time.monotonic()
        operations = Operations(self)
        try:
            for number, kind in enumerate(self.deal(operations)):
                if kind is None:
                    self.round()
                else:
                    self.aim(kind, operations)
                if self.began is None:
                    self.began = self.first_mark()
                if (number + 1) % 10 == 0:
                    print(f"  {number + 1} rounds, {time.monotonic() - self.began_at:.0f} s", file=sys.stderr, flush=True)
            self.settle()
        finally:
            self.drawing.set()
            if self.daemon is not None and self.daemon.poll() is None:
                self.daemon.kill()
                self.daemon.wait()
        Ledger(self, self.began, self.ended).verify()
        with Places(self) as places:
            for kind in places.KINDS * self.options.of_each:
                self.aim(kind, places)

    def deal(self, operations):
        """Kills at any moment, and among them those in an operation."""
        cards = [None] * (self.options.rounds - 1) + operations.KINDS * self.options.of_each
        self.random.shuffle(cards)
        return [None, *cards]

    def aim(self, kind, where):
        began = time.monotonic()
        for _ in range(AIMS):
            is_inside = where.aim(kind)
            self.aims[kind] += [is_inside]
            if is_inside:
                break
        else:
            self.complaints.append(f"of {AIMS} kills none fell inside {kind}")
        print(f"  {kind}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)

    began = None

    def first_mark(self):
        try:
            database = self.connect()
            found = database.execute("SELECT since FROM job_mark WHERE job = 'fetch'").fetchone()
            database.close()
            return found[0] if found else None
        except sqlite3.Error:
            return None  # killed before there was a database

    def report(self):
        seconds = time.monotonic() - self.began_at
        print(f"kill loop: {self.options.rounds} rounds, seed {self.options.seed}, {seconds:.0f} s, "
              f"{self.starts} starts of carillon run")
        for key in sorted(self.counts):
            print(f"  {key:32} {self.counts[key]}")
        for kind, aims in self.aims.items():
            print(f"  of {len(aims)} kills in {kind} {sum(aims)} fell inside")
        for complaint in self.complaints:
            print(f"BROKEN: {complaint}")
        print("kill loop:", f"{len(self.complaints)} promises broken; replay: scripts/kill_loop.py "
              f"{self.options.rounds} --of-each {self.options.of_each} --seed {self.options.seed}" if self.complaints else "all promises held")
        return 1 if self.complaints else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rounds", type=int)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--of-each", type=int, help="how many kills in each operation; unless given, one for ten rounds")
    parser.add_argument("--program", type=pathlib.Path, help="the carillon to kill; else what was built last")
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    options = parser.parse_args()
    if options.program is None:
        built = [ROOT / folder / "carillon" for folder in (".build-release/release", ".build/debug")]
        options.program = next((path for path in built if path.exists()), None)
        if options.program is None:
            parser.exit(69, "kill_loop: carillon is not built: run `make release`\n")
    options.program = options.program.resolve()
    options.of_each = options.of_each or max(1, options.rounds // 10)
    loop = Loop(options)
    try:
        try:
            loop.run()
        except Stuck as stuck:
            # What is left is not read: it would be a consequence.
            loop.complaints.append(str(stuck))
        return loop.report()
    finally:
        if options.keep or loop.complaints:
            print(f"kept: {loop.folder}", file=sys.stderr)
        else:
            shutil.rmtree(loop.folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Takes the time from the close of a candle to the last order that it leads to, beside freqtrade.

    latency.py PROGRAM FREQTRADE [--symbols 100,500] [--rounds 20] [--peer-rounds 10] [--throttles 5] [--keep]

Candles of a minute, at the pace of the clock: `carillon run` and `freqtrade trade` as they are shipped, each alone at a `carillon
exchange` of its own. Every symbol rises in one minute and falls in the next, half of them in turn, and both sides hold what has
risen: so at each close half of the universe is sold and the other half bought, an order for each symbol. A candle can be had at the
exchange from the moment at which it closes; nothing is told before.

Ours sends its orders to the exchange (an account in `mode: test`), and the last is the last that its journal says it accepted.
freqtrade is in dry run: its orders never leave the process, each is filled by a book that is asked for, and the time is the one
that it wrote down for the order. The exchange has no limit of requests, and freqtrade does not count its own.

Several sizes of ours live at the same time, each in a part of the minute of its own (scripts/timelapse.c shifts their clocks);
freqtrade, which works on between two candles, is measured alone. The first two minutes of each are not counted.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

import web

ROOT = pathlib.Path(__file__).resolve().parents[2]
MINUTE_MS = 60_000
# More than the 1,000 that freqtrade asks for at its start.
PAST_MINUTES, WARM_MINUTES = 1100, 2
# A look of freqtrade's that still ordered so short a time before its end may not have been whole.
CUT_SHORT_MS = 10_000
KEY, SECRET, CASH = "latency", "c2VjcmV0", 1_000_000
JOBS = ("fetch", "compute", "infer", "rebalance")

SETTINGS = """version: 1
database: {{ path: carillon.db }}
venues: {{ box: {{ kind: binance, base-url: "{address}" }} }}
accounts: {{ main: {{ mode: test, quote: USDT, key-file: key, secret-file: secret }} }}
market: {{ venue: box, symbols: [{symbols}], timeframe: 1m, features: {{ up: roc(1) }} }}
defaults:
  fetch: {{ history: 100m }}
  infer: {{ model: model.json }}
  rebalance: {{ top: {half}, max-weight: 0.25 }}
web: {{ port: 0 }}
log: {{ level: warning }}
"""
SCHEDULES = """version: 1
jobs:
  fetch: { cron: "* * * * *" }
  compute: { after: fetch }
  infer: { after: compute }
  rebalance: { after: infer, deadline: 50s }
"""
MODEL = '{"kind":"linear","version":1,"name":"latency","features":["up"],"weights":[1],"bias":0}'
STRATEGY = '''from freqtrade.strategy import IStrategy


class Risen(IStrategy):
    """Holds what has risen in the last minute."""
    timeframe = "1m"
    minimal_roi = {"0": 10}
    stoploss = -0.99
    startup_candle_count = 2

    def populate_indicators(self, dataframe, metadata):
        dataframe["up"] = dataframe["close"].pct_change()
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["up"] > 0, "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["up"] < 0, "exit_long"] = 1
        return dataframe
'''


def write_candles(folder, symbols, opening, minutes):
    """Candles from PAST_MINUTES before a minute until so many after it. Two thirds of a file lie within the day before `opening`:
    `carillon exchange` moves files by whole days, and so leaves these at their times."""
    after = max(minutes, PAST_MINUTES // 4)
    for number, symbol in enumerate(symbols):
        base = 50 + number % 450
        lines = ["time_ms,open,high,low,close,volume"]
        for minute in range(-PAST_MINUTES, after):
            prices = (f"{base}.00", f"{base * 1.005:.2f}")
            rises = (opening // MINUTE_MS + minute + number) % 2
            first, last = prices if rises else prices[::-1]
            lines.append(f"{opening + minute * MINUTE_MS},{first},{prices[1]},{prices[0]},{last},100000")
        (folder / f"{symbol}_USDT_1m.csv").write_text("\n".join(lines) + "\n")


class Side:
    """One trader at an exchange of its own, whose clocks are ahead of the machine's."""
    name = ""

    def __init__(self, options, root, size, rounds, ahead_ms=0):
        self.options, self.size, self.rounds, self.ahead_ms = options, size, rounds, ahead_ms
        self.symbols = [f"S{n:03}" for n in range(size)]
        self.folder = root / f"{len(os.listdir(root))}-{size}"
        self.home, self.journal = self.folder / "home", self.folder / "journal.jsonl"
        self.home.mkdir(parents=True)
        self.processes, self.wrong, self.loads, self.costs = [], [], [], []
        # Of each round: milliseconds to the last order, orders, requests, shares by their names.
        self.found = []

    def now(self):
        return int(time.time() * 1000) + self.ahead_ms

    def spawn(self, log, *command, **options):
        with (self.folder / log).open("w") as output:
            self.processes.append(subprocess.Popen([str(c) for c in command], env=self.environment, stdin=subprocess.DEVNULL, text=True,
                                                   **{"stdout": output, "stderr": output, **options}))
        return self.processes[-1]

    def open(self):
        """Starts the exchange and the trader; the first round that counts begins some minutes later."""
        self.environment = {**os.environ, "NO_COLOR": "1"}
        if self.ahead_ms:
            shim = self.folder / "timelapse.so"
            subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", shim, ROOT / "scripts/timelapse.c", "-ldl"], check=True)
            self.environment |= {"LD_PRELOAD": str(shim), "TIMELAPSE_SPEED": "1", "TIMELAPSE_AT": str(time.monotonic_ns()),
                                 "TIMELAPSE_WALL": str(self.now())}
        candles, accounts = self.folder / "candles", self.folder / "accounts.yaml"
        candles.mkdir()
        write_candles(candles, self.symbols, self.now() // MINUTE_MS * MINUTE_MS, self.rounds + 10)
        accounts.write_text(f'accounts: {{ me: {{ key: {KEY}, secret: "{SECRET}", balances: {{ USDT: "{CASH}" }} }} }}\n')
        self.box = self.spawn("box.log", self.options.program, "exchange", "--venue", "binance", "--port", "0", "--weight", "0",
                              "--candles", candles, "--accounts", accounts, "--journal", self.journal, stdout=subprocess.PIPE)
        self.address = self.box.stdout.readline().strip()
        if not self.address:
            raise SystemExit((self.folder / "box.log").read_text())
        self.trader = self.trade()
        self.first = (self.now() // MINUTE_MS + 1 + WARM_MINUTES) * MINUTE_MS
        self.slots = [self.first + n * MINUTE_MS for n in range(self.rounds)]

    def look(self):
        """Notes processor times five seconds before the first candle closes and as long before one more than the last; true from then
        on."""
        for process in self.processes:
            if process.poll() is not None:
                logs = [f"{log.name}: {log.read_text()[-2000:]}" for log in sorted(self.folder.glob("*.log"))]
                raise SystemExit("\n".join([f"latency.py: {self.name}, {self.size}: a process ended with {process.returncode}", *logs]))
        now = self.now()
        if now >= self.slots[0]:
            self.loads.append(os.getloadavg()[0])
        if now >= self.slots[0] + len(self.costs) * self.rounds * MINUTE_MS - 5000:
            self.costs.append([web.processor_seconds(p.pid) * 1000 for p in (self.trader, self.box)])
        return len(self.costs) == 2

    def close(self):
        self.ended = self.now()
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def rows(self, path, statement):
        with sqlite3.connect(path) as database:
            found = database.execute(statement).fetchall()
        database.close()
        return found


class Ours(Side):
    name = "ours"

    def trade(self):
        (self.home / "schedules").mkdir()
        for path, text in (("carillon.yaml", SETTINGS.format(address=self.address, symbols=", ".join(f"{s}-USDT" for s in self.symbols),
                                                             half=self.size // 2)),
                           ("schedules/carillon.yaml", SCHEDULES), ("model.json", MODEL), ("key", KEY), ("secret", SECRET)):
            (self.home / path).write_text(text)
            (self.home / path).chmod(0o600)
        return self.spawn("trader.log", self.options.program, "run", cwd=self.home)

    def judge(self):
        lines = {slot: [] for slot in self.slots}
        for text in self.journal.read_text().splitlines():
            line = json.loads(text)
            lines.get(line["time"] // MINUTE_MS * MINUTE_MS, []).append(line)
        self.found = [found for found in (self.round(slot, lines[slot]) for slot in self.slots) if found]

    def round(self, slot, lines):
        database = self.home / "carillon.db"
        runs = {row[0]: row[1:] for row in self.rows(database, f"SELECT job, started, ended, state, reason FROM run WHERE slot = {slot}")}
        bad = [f"{job}: {runs.get(job)}" for job in JOBS if job not in runs or runs[job][2] != "succeeded"]
        accepted = {line["clientId"]: line["time"] for line in lines if line["kind"] == "order" and line["event"] == "accepted"}
        orders = self.rows(database, f"SELECT client_id, state FROM orders WHERE slot = {slot}")
        bad += [f"order {order}: {state}" for order, state in orders if state != "filled" or order not in accepted]
        if len(orders) != self.size or len(accepted) != self.size:
            bad.append(f"{len(orders)} orders in the ledger, {len(accepted)} accepted, {self.size} expected")
        if bad:
            self.wrong.append(f"ours, {self.size} symbols, slot {slot}: {'; '.join(bad[:5])}")
            return None
        first, last = min(accepted.values()), max(accepted.values())
        shares = {"until `fetch` starts": runs["fetch"][0] - slot}
        shares |= {f"`{job}`": runs[job][1] - runs[job][0] for job in JOBS[:3]}
        shares["between jobs"] = sum(runs[after][0] - runs[job][1] for job, after in zip(JOBS, JOBS[1:]))
        shares["`rebalance` until its first order"] = first - runs["rebalance"][0]
        shares["first order to last"] = last - first
        shares["(`rebalance` after its last order)"] = runs["rebalance"][1] - last
        return last - slot, len(accepted), sum(line["kind"] == "call" for line in lines), shares


class Peer(Side):
    def __init__(self, options, root, size, rounds, throttle):
        super().__init__(options, root, size, rounds)
        self.throttle, self.name = throttle, f"freqtrade, a look each {throttle} s"

    def trade(self):
        settings = web.freqtrade_settings(self.address, 0)
        del settings["api_server"]
        price = {"price_side": "other", "use_order_book": False}
        settings |= {"max_open_trades": self.size, "stake_amount": CASH * 0.9 / self.size, "dry_run_wallet": CASH, "timeframe": "1m",
                     "entry_pricing": price, "exit_pricing": price, "internals": {"process_throttle_secs": self.throttle},
                     "order_types": {"entry": "market", "exit": "market", "stoploss": "market", "stoploss_on_exchange": False}}
        settings["exchange"]["pair_whitelist"] = [f"{symbol}/USDT" for symbol in self.symbols]
        settings["exchange"]["ccxt_config"]["enableRateLimit"] = False
        (self.home / "user_data/strategies").mkdir(parents=True)
        (self.home / "user_data/strategies/risen.py").write_text(STRATEGY)
        (self.home / "config.json").write_text(json.dumps(settings))
        return self.spawn("trader.log", self.options.freqtrade, "trade", "-c", "config.json", "--userdir", "user_data", "--strategy", "Risen",
                          cwd=self.home)

    def looks(self):
        """When each look at new candles began and ended to ask for them. A minute is too short for many symbols: a look is then at the newest
        candle that had closed, and those between are passed over."""
        found, asks = [], False
        for text in self.journal.read_text().splitlines():
            line = json.loads(text)
            if line["kind"] != "call":
                continue
            if line["call"] == "klines":
                if not asks:
                    found.append([line["time"], 0, 0])
                found[-1][1:] = [line["time"], found[-1][2]]
            asks = line["call"] == "klines"
            if found:
                found[-1][2] += 1
        return found

    def judge(self):
        moment = "CAST(round((julianday(order_date) - 2440587.5) * 86400000) AS INTEGER)"
        orders = [row[0] for row in self.rows(self.home / "tradesv3.dryrun.sqlite",
                                              f"SELECT {moment} FROM orders WHERE status = 'closed' ORDER BY order_date")]
        looks = self.looks()
        for (began, asked, calls), after in zip(looks, [look[0] for look in looks[1:]] + [float("inf")]):
            slot, placed = began // MINUTE_MS * MINUTE_MS, [at for at in orders if began <= at < after]
            if slot not in self.slots or not placed or after == float("inf") and placed[-1] > self.ended - CUT_SHORT_MS:
                continue
            self.found.append((placed[-1] - slot, len(placed), calls, {
                "until the first candle is asked for": began - slot, "first candle to last": asked - began,
                "until its first order": placed[0] - asked, "first order to last": placed[-1] - placed[0]}))
        if not self.found:
            self.wrong.append(f"{self.name}, {self.size} symbols: no order in {self.rounds} rounds")


def live(sides):
    """Lets sides trade at the same time until all have had their rounds."""
    try:
        for side in sides:
            side.open()
        while not all([side.look() for side in sides]):
            time.sleep(0.5)
    finally:
        for side in sides:
            side.close()
    for side in sides:
        side.judge()


def high(values):
    """The 99th of a hundred; of fewer the largest."""
    return statistics.quantiles(values, n=100)[98] if len(values) >= 100 else max(values)


def show(sides):
    sizes = sorted({side.size for side in sides})
    print("| symbols | side | candles, of | orders in each | p50 ms | p99 ms (of fewer than 100 the largest) | ms of CPU a minute, exchange's "
          "| requests | p50, to ours |\n|---:|---|---:|---:|---:|---:|---:|---:|---:|")
    for size in sizes:
        base = None
        for side in (side for side in sides if side.size == size and side.found):
            times, orders, requests = ([found[i] for found in side.found] for i in range(3))
            middle = statistics.median(times)
            base = middle if isinstance(side, Ours) else base
            own, box = ((after - before) / side.rounds for before, after in zip(*side.costs))
            count = f"{orders[0]}" if len(set(orders)) == 1 else f"{min(orders)} to {max(orders)}"
            print(f"| {size} | {side.name} | {len(times)}, {side.rounds} | {count} | {middle:.0f} | {high(times):.0f} | {own:.0f}, {box:.0f} "
                  f"| {statistics.median(requests):.0f} | {f'{middle / base:.2f}' if base else ''} |")
    for side in (side for side in sides if side.found):
        print(f"\n{side.name}, {side.size} symbols, load {statistics.median(side.loads):.1f} ({min(side.loads):.1f} to "
              f"{max(side.loads):.1f})\n\n| share | p50 ms | p99 ms | of the median |\n|---|---:|---:|---:|")
        whole = statistics.median(found[0] for found in side.found)
        for name in side.found[0][3]:
            values = [found[3][name] for found in side.found]
            print(f"| {name} | {statistics.median(values):.0f} | {high(values):.0f} | {statistics.median(values) / whole:.0%} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("freqtrade", type=pathlib.Path)
    parser.add_argument("--symbols", default="100,500", help="sizes; even numbers")
    parser.add_argument("--rounds", type=int, default=20, help="of ours; 0: none")
    parser.add_argument("--peer-rounds", type=int, default=10, help="of freqtrade's; 0: none")
    parser.add_argument("--throttles", default="5", help="freqtrade's process_throttle_secs, each of them measured")
    parser.add_argument("--keep", action="store_true", help="leave the folder")
    options = parser.parse_args()
    options.program, options.freqtrade = options.program.resolve(), options.freqtrade.absolute()
    sizes = [int(size) for size in options.symbols.split(",")]
    root = pathlib.Path(tempfile.mkdtemp(prefix="latency-bench-"))
    sides = []
    try:
        if options.rounds:
            sides += [Ours(options, root, size, options.rounds, MINUTE_MS * n // len(sizes)) for n, size in enumerate(sizes)]
            live(sides)
        if options.peer_rounds:
            for size in sizes:
                for throttle in options.throttles.split(","):
                    sides.append(Peer(options, root, size, options.peer_rounds, int(throttle)))
                    live(sides[-1:])
        show(sides)
    finally:
        print(root) if options.keep else shutil.rmtree(root, ignore_errors=True)
    wrong = [fault for side in sides for fault in side.wrong]
    for fault in wrong:
        print(f"latency.py: {fault}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Fetches, parses and upserts klines of many symbols from an exchange on loopback, beside two peers.

    fetch.py PROGRAM CXX_PEER [SYMBOLS] [ROUNDS]

Ours is `carillon job run fetch`, the whole program: settings, schedule, claim, audit, candles with their watermarks. The peers
are a C++ program with libcurl, simdjson and SQLite (fetch_peer.cpp) and a Python one with aiohttp, orjson and sqlite3
(fetch_peer.py, by this interpreter); both write one table of candles, with the same durability, and keep no record of anything
else. All ask the same server, `carillon exchange`, which is a process of its own; processor time is that of the client alone.
First everything (1000 candles of each symbol), then one new candle of each. Requests are counted by the clients: ours in a round
more, which is not timed, since --trace tells each of them. The server has no limit of requests: each side alone stays below
Binance's, all of them together do not, and whoever obeys would wait for the next minute.
"""
import json
import os
import pathlib
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
HOUR_MS = 3_600_000
CANDLES = 1000
PARALLEL = "8"


def write_candles(folder, symbols, last):
    draw = random.Random(1)
    for symbol in symbols:
        price, lines = draw.uniform(1, 900), ["time_ms,open,high,low,close,volume"]
        for hour in range(CANDLES + 8, -1, -1):
            close = price * (1 + draw.gauss(0, 0.01))
            lines.append(f"{last - hour * HOUR_MS},{price:.4f},{max(price, close) * 1.002:.4f},{min(price, close) * 0.998:.4f},"
                         f"{close:.4f},{draw.uniform(1e3, 1e5):.3f}")
            price = close
        (folder / f"{symbol}_USDT_1h.csv").write_text("\n".join(lines) + "\n")


def timed(arguments, **options):
    """Wall and processor time of a program, in milliseconds, its memory in MB, and what it said."""
    began = time.monotonic()
    # A file, since a trace of many requests is longer than what a pipe holds while the other is read.
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=errors, text=True, **options)
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        errors.seek(0)
        wrong = errors.read()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{arguments[0]}: exit {process.returncode}: {said}{wrong}")
    return {"wall": (time.monotonic() - began) * 1000, "cpu": (usage.ru_utime + usage.ru_stime) * 1000,
            "mb": usage.ru_maxrss / 1024, "said": said.strip(), "told": said + wrong}


class Ours:
    name = "carillon job run fetch"

    def __init__(self, program, address, symbols):
        self.program, self.address, self.symbols = program, address, symbols

    def begin(self, folder):
        (folder / "schedules").mkdir()
        (folder / "carillon.yaml").write_text(
            "version: 1\ndatabase: { path: carillon.db }\n"
            f'venues: {{ box: {{ kind: binance, base-url: "{self.address}" }} }}\n'
            'accounts: { main: { quote: USDT, cash: "1000" } }\n'
            f"market: {{ venue: box, symbols: [{', '.join(f'{s}-USDT' for s in self.symbols)}], timeframe: 1h, features: {{ up: roc(1) }} }}\n"
            f"defaults: {{ fetch: {{ history: {CANDLES}h, recheck: 0, max-move: 100 }} }}\n")
        (folder / "schedules/carillon.yaml").write_text("version: 1\njobs:\n  fetch: { every: 1h }\n")

    def fetch(self, folder, limit, end, *more):
        slot = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((end + 1) / 1000))
        return timed([self.program, "job", "run", "fetch", "--at", slot, "--force", *more], cwd=folder)

    def requests(self, folder, found, limit, end):
        return sum(line.startswith("> ") for line in self.fetch(folder, limit, end, "--trace")["told"].splitlines())

    def rows(self, folder):
        return sqlite3.connect(folder / "carillon.db").execute("SELECT count(*), sum(close) FROM candle").fetchone()


class Peer:
    def __init__(self, name, command, address, symbols):
        self.name, self.command, self.address, self.symbols = name, command, address, symbols

    def begin(self, folder):
        pass

    def fetch(self, folder, limit, end):
        return timed([*self.command, self.address, str(folder / "peer.db"), str(limit), str(end), PARALLEL,
                      *[f"{s}USDT" for s in self.symbols]])

    def requests(self, folder, found, limit, end):
        return int(found["said"].split()[-2])

    def rows(self, folder):
        return sqlite3.connect(folder / "peer.db").execute("SELECT count(*), sum(close) FROM candle").fetchone()


def main():
    program, peer = (str(pathlib.Path(p).resolve()) for p in sys.argv[1:3])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 500
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    symbols = [f"S{n:03}" for n in range(count)]
    root = pathlib.Path(tempfile.mkdtemp(prefix="fetch-bench-"))
    now = int(time.time() * 1000)
    last = now - now % HOUR_MS - HOUR_MS
    candles = root / "candles"
    candles.mkdir()
    write_candles(candles, symbols, last)
    server = subprocess.Popen([program, "exchange", "--port", "0", "--weight", "0", "--candles", str(candles)], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    try:
        address = server.stdout.readline().strip()
        sides = [Ours(program, address, symbols), Peer("C++: libcurl, simdjson, SQLite", [peer], address, symbols),
                 Peer("aiohttp, orjson, sqlite3", [sys.executable, str(HERE / "fetch_peer.py")], address, symbols)]
        figures = {(side.name, step): [] for side in sides for step in ("all", "one")}
        for number in range(rounds):
            sums = set()
            for side in sides:
                folder = root / f"{number}-{sides.index(side)}"
                folder.mkdir()
                side.begin(folder)
                figures[side.name, "all"].append(side.fetch(folder, CANDLES, last - 1))
                first = side.rows(folder)
                figures[side.name, "one"].append(side.fetch(folder, 1, last + HOUR_MS - 1))
                second = side.rows(folder)
                if (first[0], second[0] - first[0]) != (count * CANDLES, count):
                    raise SystemExit(f"{side.name}: {first[0]} candles, then {second[0] - first[0]}")
                sums.add(round(second[1], 4))
                shutil.rmtree(folder)
            if len(sums) != 1:
                raise SystemExit(f"the sides do not have the same candles: {sums}")
        requests = {}
        for side in sides:
            folder = root / f"requests-{sides.index(side)}"
            folder.mkdir()
            side.begin(folder)
            for step, limit, end in (("all", CANDLES, last - 1), ("one", 1, last + HOUR_MS - 1)):
                requests[side.name, step] = side.requests(folder, figures[side.name, step][0], limit, end)
            shutil.rmtree(folder)
        for step, what in (("all", f"{count} symbols x {CANDLES} klines"), ("one", f"one new candle of {count} symbols")):
            print(f"\n{what}, median of {rounds}\n")
            print("| side | wall ms | CPU ms | MB | requests | CPU, to ours |\n|---|---:|---:|---:|---:|---:|")
            ours = statistics.median(f["cpu"] for f in figures[sides[0].name, step])
            for side in sides:
                found = figures[side.name, step]
                wall, cpu, mb = (statistics.median(f[key] for f in found) for key in ("wall", "cpu", "mb"))
                print(f"| {side.name} | {wall:.0f} | {cpu:.0f} | {mb:.0f} | {requests[side.name, step]} | {cpu / ours:.2f} |")
    finally:
        server.kill()
        server.communicate()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    main()

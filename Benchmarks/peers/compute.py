#!/usr/bin/env python3
"""The compute job beside a script that does the same with sqlite3 and TA-Lib, in one run on the same candles.

    Benchmarks/peers/compute.py PATH/TO/ComputeBench [SYMBOLS [CANDLES]]

20 features of 500 symbols, from the database and back into it, with a commit that waits for the disk:

- candle: one new candle for each symbol. Carillon goes on from saved states; the script reads the last 250 candles of
  each symbol, which its slowest average needs to forget where it began, and keeps the last row;
- restarted: the same as the first thing that a new process does, opening the database included (for the script without
  the interpreter's start and its imports);
- back-fill: all rows of 1,000 candles for each symbol, from none.

The script writes into a copy of the same database, with the same tables. The rows of both are compared.
"""
import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import talib

WARM_UP = 250
ROUNDS = 12
NAMES = [f"f{n}" for n in range(20)]


def features(o, h, l, c, v):
    """The features in the order of ComputeBench, a column each."""
    return [
        talib.SMA(c, 20), talib.EMA(c, 20), talib.WMA(c, 20), talib.DEMA(c, 20), talib.TEMA(c, 20), talib.KAMA(c, 10),
        talib.RSI(c, 14), talib.MACD(c, 12, 26, 9)[2], talib.BBANDS(c, 20)[0], talib.ATR(h, l, c, 14),
        talib.ADX(h, l, c, 14), talib.CCI(h, l, c, 14), talib.MFI(h, l, c, v, 14), talib.STOCH(h, l, c, 14, 3, 0, 3, 0)[0],
        talib.WILLR(h, l, c, 14), talib.ROC(c, 10), talib.MOM(c, 10), talib.STDDEV(c, 20), talib.LINEARREG(c, 14),
        talib.AROON(h, l, 14)[1],
    ]


class Script:
    """What one would write without Carillon."""

    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("PRAGMA synchronous = FULL")
        self.database.execute("PRAGMA foreign_keys = ON")
        self.database.execute(
            "INSERT INTO feature_set (id, sha256, specification, names, created) VALUES (99, 'peer', '', ?, 0) "
            "ON CONFLICT DO NOTHING", ["\n".join(NAMES)])
        self.series = [row[0] for row in self.database.execute("SELECT id FROM series")]

    def compute(self, count, last):
        """The features of the last `count` candles of each series, of which the last `last` rows are written."""
        self.database.execute("BEGIN IMMEDIATE")
        for series in self.series:
            rows = self.database.execute(
                "SELECT time, open, high, low, close, volume FROM candle WHERE series = ? ORDER BY time DESC LIMIT ?",
                [series, count]).fetchall()[::-1]
            columns = np.array(rows, dtype=np.float64).T.copy()
            table = np.array([column[-last:] for column in features(*columns[1:])]).T.copy()
            times = [row[0] for row in rows[-last:]]
            self.database.executemany(
                'INSERT INTO feature (feature_set, series, time, "values") VALUES (99, ?, ?, ?) '
                'ON CONFLICT DO UPDATE SET "values" = excluded."values"',
                [(series, at, values.tobytes()) for at, values in zip(times, table)])
        self.database.execute("COMMIT")

    def append(self):
        """One more candle for each symbol: the last once more."""
        self.database.execute(
            "INSERT INTO candle SELECT series, time + 3600000, open, high, low, close, volume, run FROM candle AS c "
            "WHERE time = (SELECT max(time) FROM candle WHERE series = c.series)")


def measured(body):
    wall, cpu = time.perf_counter(), time.process_time()
    body()
    return time.perf_counter() - wall, time.process_time() - cpu


def carillon(program, folder, symbols, candles, rounds):
    done = subprocess.run(
        [program, folder, str(symbols), str(candles), str(rounds)], check=True, stdout=subprocess.PIPE, text=True)
    times = {}
    for line in done.stdout.splitlines():
        name, wall, cpu = line.split()
        times.setdefault(name, []).append((float(wall), float(cpu)))
    return times


def check_rows(path):
    """The newest row of both, which differ by rounding and by what the script's averages have not forgotten."""
    database = sqlite3.connect(path)
    own = dict(database.execute(
        'SELECT series, "values" FROM feature WHERE feature_set = 1 AND time = (SELECT max(time) FROM feature '
        "WHERE feature_set = 1)").fetchall())
    theirs = dict(database.execute(
        'SELECT series, "values" FROM feature WHERE feature_set = 99 AND time = (SELECT max(time) FROM feature '
        "WHERE feature_set = 1)").fetchall())
    assert own.keys() == theirs.keys() and len(own) > 0
    for series, row in own.items():
        a, b = (np.frombuffer(row) for row in (row, theirs[series]))
        assert np.allclose(a, b, rtol=1e-5, atol=1e-5), (series, a, b)
    return len(own)


def median(pairs):
    return tuple(statistics.median(column) for column in zip(*pairs))


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    symbols, candles = (int(value) for value in (sys.argv[2:] + ["500", "1000"][len(sys.argv) - 2:]))
    found, peer = {}, {"back-fill": [], "restarted": [], "candle": []}
    with tempfile.TemporaryDirectory(prefix="carillon-compute-") as name:
        folder = pathlib.Path(name)
        for turn in range(3):
            place = folder / f"carillon{turn}"
            place.mkdir()
            for key, times in carillon(program, place, symbols, candles, ROUNDS).items():
                found.setdefault(key, []).extend(times)
            for key, times in carillon(program, place, symbols, candles, 1).items():
                found.setdefault(key, []).extend(times)
            copy = folder / f"peer{turn}.db"
            shutil.copy(place / "compute.db", copy)
            script = Script(copy)
            script.database.execute("DELETE FROM feature WHERE feature_set = 99")
            peer["back-fill"].append(measured(lambda: script.compute(candles, candles)))
            script.compute(WARM_UP, 1)
            compared = check_rows(copy)
            script.append()
            script.database.close()
            opened = []
            peer["restarted"].append(measured(lambda: (opened.append(Script(copy)), opened[0].compute(WARM_UP, 1))))
            for _ in range(ROUNDS - 1):
                opened[0].append()
                peer["candle"].append(measured(lambda: opened[0].compute(WARM_UP, 1)))
            opened[0].database.close()
    print(f"{symbols} symbols, {len(NAMES)} features; the newest rows of {compared} symbols agree")
    print(f"{'':12} {'carillon':>20} {'sqlite3 + TA-Lib':>20} {'ratio':>14}")
    print(f"{'ms':12} {'wall':>10}{'cpu':>10} {'wall':>10}{'cpu':>10} {'wall':>7}{'cpu':>7}")
    for key in ("candle", "restarted", "back-fill"):
        (wall, cpu), (their_wall, their_cpu) = median(found[key]), median(peer[key])
        print(f"{key:12} {wall * 1e3:10.1f}{cpu * 1e3:10.1f} {their_wall * 1e3:10.1f}{their_cpu * 1e3:10.1f} "
              f"{wall / their_wall:7.2f}{cpu / their_cpu:7.2f}")


if __name__ == "__main__":
    main()

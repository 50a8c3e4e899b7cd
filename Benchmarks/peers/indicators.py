#!/usr/bin/env python3
"""Twenty indicators beside TA-Lib and tulip, in one run on the same seeded candles.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install TA-Lib==0.8.2 newtulipy==0.4.6
    /tmp/peers/bin/python Benchmarks/peers/indicators.py PATH/TO/indicators-benchmark

TA-Lib is called by its C interface (peers/talib.c, compiled here) with output memory that is used
again, tulip by its Python one on whole columns. All figures are CPU time, the least of several
passes. The target: at most 1.0 times the faster peer.
"""

import glob
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import talib
import tulipy

HERE = pathlib.Path(__file__).resolve().parent


def candles(series, length):
    for number in range(series):
        random = np.random.default_rng(number)
        close = np.exp(np.cumsum(random.normal(0, 1e-3, length))) * 100
        opening = np.concatenate([[100.0], close[:-1]])
        high = np.maximum(opening, close) * (1 + abs(random.normal(0, 5e-4, length)))
        low = np.minimum(opening, close) * (1 - abs(random.normal(0, 5e-4, length)))
        yield opening, high, low, close, random.lognormal(3, 1, length)


def write(path, series, length):
    with open(path, "wb") as file:
        for columns in candles(series, length):
            for column in columns:
                file.write(column.astype("<f8").tobytes())


def run(*command, **environment):
    result = subprocess.run(
        [str(c) for c in command], env={**os.environ, **environment}, check=True,
        capture_output=True, text=True)
    lines = [line.rsplit(" ", 1) for line in result.stdout.splitlines()]
    return {key: value for key, value in lines}


def tulip(series, length):
    columns = list(candles(series, length))
    least = float("inf")
    for _ in range(5):
        start = time.process_time()
        for _, h, l, c, v in columns:
            keep = [
                tulipy.sma(c, 20), tulipy.ema(c, 20), tulipy.wma(c, 20), tulipy.dema(c, 20),
                tulipy.tema(c, 20), tulipy.kama(c, 10), tulipy.rsi(c, 14),
                tulipy.macd(c, 12, 26, 9), tulipy.bbands(c, 20, 2), tulipy.atr(h, l, c, 14),
                tulipy.adx(h, l, c, 14), tulipy.cci(h, l, c, 14), tulipy.mfi(h, l, c, v, 14),
                tulipy.stoch(h, l, c, 14, 3, 3), tulipy.willr(h, l, c, 14), tulipy.roc(c, 10),
                tulipy.obv(c, v), tulipy.stddev(c, 20), tulipy.linreg(c, 14),
                tulipy.aroon(h, l, 14),
            ]
            del keep
        least = min(least, (time.process_time() - start) / (series * length) * 1e9)
    return least


def compile_peers(folder):
    site = pathlib.Path(talib.__file__).parent.parent
    library = glob.glob(str(site / "ta_lib.libs" / "libta-lib-*.so*"))[0]
    peer, counter = folder / "talib", folder / "count.so"
    compiler = os.environ.get("CC", "cc")
    subprocess.run(
        [compiler, "-O2", "-o", peer, HERE / "talib.c", library,
         f"-Wl,-rpath,{os.path.dirname(library)}", "-lm"], check=True)
    subprocess.run(
        [compiler, "-O2", "-shared", "-fPIC", "-o", counter, HERE / "allocation_count.c"],
        check=True)
    return peer, counter


def row(what, ours, talib_value, tulip_value=None):
    faster = min(x for x in (talib_value, tulip_value) if x is not None)
    other = "" if tulip_value is None else f"{tulip_value:10.1f}"
    print(f"{what:42}{ours:10.1f}{talib_value:10.1f}{other:>10}{ours / faster:8.2f}")


def main():
    ours = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        peer, counter = compile_peers(folder)
        print(f"{'twenty indicators, 26 columns':42}{'ours':>10}{'TA-Lib':>10}{'tulip':>10}{'ratio':>8}")
        for series, length in ((1, 1_000_000), (500, 1000)):
            file = folder / "candles"
            write(file, series, length)
            mine, theirs = run(ours, file, series, length), run(peer, file, series, length)
            other = tulip(series, length)
            key = "batch ns per candle"
            row(f"{series} x {length}, ns per candle", float(mine[key]), float(theirs[key]), other)
            fresh = float(mine["batch into new memory ns per candle"])
            row("  into new memory each time", fresh, float(theirs[key]), other)
        key = "stream us per round"
        row("one new candle for 500 series, us", float(mine[key]), float(theirs[key]))
        counted = run(ours, file, 500, 1000, LD_PRELOAD=str(counter))
        print("allocations in 500 such rounds:", counted["stream allocations"])
        worst = max(
            abs(float(mine[f"last {i}"]) - float(theirs[f"last {i}"]))
            / max(1e-12, abs(float(theirs[f"last {i}"]))) for i in range(26)
            if float(theirs[f"last {i}"]) != 0)
        print(f"largest relative difference of the last streamed row: {worst:.1e}")


main()

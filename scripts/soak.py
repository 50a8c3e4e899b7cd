#!/usr/bin/env python3
"""Lets Carillon run for an hour under load, and prints what grows.

    scripts/soak.py [MINUTES] [--program FILE] [--jobs N] [--keep]

N command jobs (1,000) run once a minute each, spread over it, and the chain runs each second. Every ten seconds the
process is looked at: its anonymous memory, its open descriptors, its processor time, and how late the chain's runs were
claimed. In the end the last half is held against a line: what grows by more than the limits below fails (exit 1).
"""
import argparse
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SAMPLE_SECONDS = 10
# Over the last half: a leak of 100 bytes a run would be 6 MB an hour at 1,000 runs a minute.
MEMORY_LIMIT_MB_PER_HOUR = 6
# A command holds some while it runs: at rest is the least of several looks, which must neither spread nor grow.
DESCRIPTOR_LOOKS = 20
DESCRIPTOR_SPREAD = 8
DESCRIPTOR_LIMIT_PER_HOUR = 8
LATENESS_LIMIT_MS = 500
STOP_LIMIT_SECONDS = 60

SETTINGS = """\
version: 1
mode: paper
database: { path: soak.db }
venues:
  simulated: { kind: simulated, seed: 7 }
accounts:
  main: { quote: USDT, cash: "100000", fee-bps: 10, slippage-bps: 5 }
market:
  venue: simulated
  symbols: [BTC-USDT, ETH-USDT, LTC-USDT, SOL-USDT]
  timeframe: 1m
  features: { roc5: roc(5), rsi14: rsi(14) }
defaults:
  fetch: { history: 2h }
  infer: { model: model.json, max-age: 1h }
  rebalance: { top: 2, max-weight: 0.5, cash-buffer: 0.05, band: 0.01, max-age: 1h }
web: { port: 0 }
log: { format: json, level: warning }
"""
MODEL = """{"kind":"linear","version":1,"name":"soak","features":["roc5","rsi14"],"weights":[1,0.01],"bias":0}"""


def schedules(jobs):
    lines = ["version: 1", "jobs:", "  fetch: { every: 1s }", "  compute: { after: fetch }",
             "  infer: { after: compute }", "  rebalance: { after: infer }"]
    for number in range(jobs):
        phase = number * 60_000 // max(jobs, 1)
        lines.append(f"  true-{number}: {{ job: command, every: 1m/{phase}ms, with: {{ run: [/bin/true] }} }}")
    return "\n".join(lines) + "\n"


def anonymous_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("this system does not tell RssAnon")


def descriptors_at_rest(pid):
    """The least number of open descriptors of some looks over a second."""
    least = None
    for _ in range(DESCRIPTOR_LOOKS):
        count = len(os.listdir(f"/proc/{pid}/fd"))
        least = count if least is None else min(least, count)
        time.sleep(1 / DESCRIPTOR_LOOKS)
    return least


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def lateness(folder, since_ms):
    """How late the newest runs of the chain's head were claimed: the median and the worst, in ms."""
    database = sqlite3.connect(f"file:{folder / 'soak.db'}?mode=ro", uri=True, timeout=30)
    try:
        rows = [r[0] for r in database.execute(
            "SELECT started - slot FROM run WHERE job = 'fetch' AND slot > ? AND started IS NOT NULL", (since_ms,))]
    finally:
        database.close()
    rows.sort()
    return (rows[len(rows) // 2], rows[-1]) if rows else (None, None)


def slope(points):
    """The least-squares slope of (seconds, value), per hour."""
    n = len(points)
    mean_x = sum(x for x, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return 3600 * sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", nargs="?", type=float, default=60)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / ".build-release/release/carillon")
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-soak-"))
    for name, text in {"carillon.yaml": SETTINGS, "schedules.yaml": schedules(options.jobs),
                       "model.json": MODEL}.items():
        (folder / name).write_text(text)
    log = (folder / "run.log").open("wb")
    daemon = subprocess.Popen(
        [str(options.program.resolve()), "run", "--config", "carillon.yaml", "--schedules", "schedules.yaml"],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    samples = []
    began = time.monotonic()
    print("  minute  anonymous MB  descriptors  cpu s/min  late ms (median, worst)")
    try:
        before = (began, 0.0)
        while time.monotonic() - began < options.minutes * 60:
            time.sleep(SAMPLE_SECONDS - 1)
            if daemon.poll() is not None:
                raise SystemExit(f"carillon run ended by itself with {daemon.returncode}: see {folder}/run.log")
            now = time.monotonic()
            memory, files = anonymous_mb(daemon.pid), descriptors_at_rest(daemon.pid)
            cpu = cpu_seconds(daemon.pid)
            rate = (cpu - before[1]) / (now - before[0]) * 60
            before = (now, cpu)
            median, worst = lateness(folder, (time.time() - 2 * SAMPLE_SECONDS) * 1000)
            samples.append((now - began, memory, files, rate, median, worst))
            if len(samples) % 6 == 0 or options.minutes < 2:
                print(f"  {samples[-1][0] / 60:6.1f}  {memory:12.1f}  {files:11}  {rate:9.1f}  {median}, {worst}", flush=True)
    finally:
        daemon.send_signal(signal.SIGTERM)
        try:
            code = daemon.wait(timeout=STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            daemon.kill()
            code = "none: deaf to SIGTERM"
        log.close()
    half = samples[len(samples) // 2:]
    if len(half) < 2:
        raise SystemExit("too short to tell: give it a minute at least")
    growth = slope([(s[0], s[1]) for s in half])
    files = slope([(s[0], s[2]) for s in half])
    counts = [s[2] for s in half]
    late = sorted(s[4] for s in half if s[4] is not None)
    verdicts = [
        (growth <= MEMORY_LIMIT_MB_PER_HOUR, f"memory over the last half: {half[0][1]:.1f} to {half[-1][1]:.1f} MB, {growth:+.1f} MB/h"),
        (max(counts) - min(counts) <= DESCRIPTOR_SPREAD, f"descriptors at rest over the last half: {min(counts)} to {max(counts)}"),
        (files <= DESCRIPTOR_LIMIT_PER_HOUR, f"descriptors at rest: {files:+.1f} an hour"),
        (bool(late) and late[-1] <= LATENESS_LIMIT_MS, f"claims are late by {late[len(late) // 2] if late else '?'} ms in the median"),
        (code == 0, f"SIGTERM: exit {code}"),
    ]
    for holds, words in verdicts:
        print(("ok    " if holds else "FAILS ") + words)
    if options.keep:
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder)
    return 0 if all(holds for holds, _ in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())

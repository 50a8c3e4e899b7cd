#!/usr/bin/env python3
"""Compares next() with croniter and cronsim, in CPU time, in one run.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install croniter==7.0.0 cronsim==2.8
    swift build --package-path Benchmarks -c release --product CronBench
    /tmp/venv/bin/python Benchmarks/peers/cron_peers.py Benchmarks/.build/release/CronBench

Each peer is used in its fastest documented way: one iterator, asked for fire after fire. The best
of three rounds counts for each. `=` before a peer's time: its 200th fire is ours too. Exit 1 if a
row is less than 20 times as fast as the faster peer.
"""
import datetime as dt
import subprocess
import sys
import time
import zoneinfo
from importlib import metadata

import croniter
import cronsim

UTC = dt.timezone.utc
START = dt.datetime(2026, 1, 1, tzinfo=UTC)
FIRES, ROUNDS, TARGET = 200, 3, 20


def by_cronsim(expression, zone):
    iterator = cronsim.CronSim(expression, START.astimezone(zone))
    for _ in range(FIRES):
        fire = next(iterator)
    return fire


def by_croniter(expression, zone):
    iterator = croniter.croniter(expression, START.astimezone(zone), ret_type=dt.datetime,
                                 max_years_between_matches=50)
    for _ in range(FIRES):
        fire = iterator.get_next()
    return fire


def measure(package, expression, zone):
    best, fire = float("inf"), None
    for _ in range(ROUNDS):
        begin = time.process_time()
        fire = package(expression, zone)
        best = min(best, (time.process_time() - begin) / FIRES)
    return best * 1e9, fire.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def main():
    ours = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout
    versions = [f"{p} {metadata.version(p)}" for p in ("croniter", "cronsim")]
    print(f"ns of CPU per next(), best rounds; Python {sys.version.split()[0]}, {', '.join(versions)}")
    print(f"{'expression':18} {'zone':17} {'ours':>7} {'croniter':>11} {'cronsim':>11} {'ratio':>7}")
    worst = float("inf")
    for line in ours.splitlines():
        if line.startswith("#"):
            print(line)
            continue
        expression, name, nanoseconds, last = line.split("\t")
        zone = UTC if name == "UTC" else zoneinfo.ZoneInfo(name)
        peers = []
        for package in (by_croniter, by_cronsim):
            peer, fire = measure(package, expression, zone)
            peers.append((peer, "=" if fire == last else " "))
        ratio = min(p for p, _ in peers) / float(nanoseconds)
        worst = min(worst, ratio)
        shown = " ".join(f"{same}{peer:>10.0f}" for peer, same in peers)
        print(f"{expression:18} {name:17} {float(nanoseconds):7.1f} {shown} {ratio:6.0f}x")
    print(f"the least ratio to the faster peer: {worst:.0f}")
    sys.exit(0 if worst >= TARGET else 1)


main()

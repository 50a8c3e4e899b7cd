#!/usr/bin/env python3
"""Measures scheduler and ledger: scheduler.py scheduler-benchmark [--rounds N] [--only PART]...

- planner: processor time per fire with 100, 1,000 and 10,000 jobs, and per job to start;
- dispatch: how late no-op jobs start, due at once or spread over a minute, beside APScheduler's BackgroundScheduler,
  in memory and on SQLite; the sides take turns in the same minutes, the median of the rounds counts;
- ledger: 120,000 runs of 2,000 jobs in one database: processor time, transactions and bytes per run, memory on the way.

Ours is the service itself with its database on disk: a claim is durable before its run starts. Of the peers only the one on
SQLite keeps its jobs through a crash; neither records runs.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
from importlib import metadata

PEER = pathlib.Path(__file__).with_name("apscheduler_load.py")
# Workers of our side: the default, and as many as the peer's pool has threads.
SIDES = ("ours 4", "ours 10", "memory", "sqlite")
LIMIT_SECONDS = 500


def lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def once(program, side, jobs, load):
    """The figures of one load on one side, in a folder of its own."""
    folder = tempfile.mkdtemp(prefix="carillon-load-")
    try:
        name, _, workers = side.partition(" ")
        command = ([program, "dispatch", str(jobs), load, workers, folder] if name == "ours"
                   else [sys.executable, PEER, name, str(jobs), load, "patient", folder])
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS)
        figures = next((line for line in lines(done.stderr if name == "ours" else done.stdout) if "p50_us" in line), None)
        if done.returncode != 0 or figures is None or figures["started"] != jobs:
            sys.exit(f"scheduler.py: {side}, {jobs} {load}: exit {done.returncode}: {figures}\n{done.stderr[-2000:]}")
        return figures
    finally:
        shutil.rmtree(folder)


def dispatch(program, rounds):
    print(f"\nhow late a job starts, ms: APScheduler {metadata.version('APScheduler')}, "
          f"SQLAlchemy {metadata.version('SQLAlchemy')}, Python {sys.version.split()[0]}")
    print(f"{'load':14} {'side':8} {'p50':>10} {'p99':>10} {'max':>10} {'CPU us/run':>11} {'p99, to ours 4':>15}")
    for load, jobs in (("burst", 1000), ("burst", 10_000), ("spread", 1000), ("spread", 10_000)):
        # Spread, there is never work for more than the default workers.
        sides = [side for side in SIDES if load == "burst" or side != "ours 10"]
        found = {side: [] for side in sides}
        for number in range(rounds if load == "burst" else 1):
            for side in sides:
                if side == "sqlite" and jobs > 1000 and number > 0:
                    continue  # minutes each
                found[side].append(once(program, side, jobs, load))
        ours = statistics.median(f["p99_us"] for f in found["ours 4"])
        for side in sides:
            p50, p99, most, cpu = (statistics.median(f[key] for f in found[side])
                                   for key in ("p50_us", "p99_us", "max_us", "cpu_us"))
            print(f"{load + ' ' + str(jobs):14} {side:8} {p50 / 1000:10.2f} {p99 / 1000:10.2f} {most / 1000:10.2f} "
                  f"{cpu / jobs:11.0f} {p99 / ours:14.2f}x", flush=True)


def planner(program):
    print(f"{'jobs':>7} {'ns of CPU per fire':>19} {'us to start, per job':>21}")
    done = subprocess.run([program, "planner"], check=True, capture_output=True, text=True)
    for line in lines(done.stdout):
        print(f"{line['jobs']:7} {line['ns_per_fire']:19} {line['us_to_start'] / line['jobs']:21.2f}")


def ledger(program):
    folder = tempfile.mkdtemp(prefix="carillon-load-")
    try:
        done = subprocess.run([program, "ledger", "2000", "120000", "4", folder], check=True, capture_output=True,
                              text=True, timeout=LIMIT_SECONDS)
        found = lines(done.stderr)
    finally:
        shutil.rmtree(folder)
    for line in (line for line in found if "at" in line):
        print(f"after {line['at']:6} runs: resident {line['resident_kb'] / 1024:.1f} MB, "
              f"anonymous {line['anonymous_kb'] / 1024:.1f} MB")
    load = next(line for line in found if "commits" in line)
    size = next(line for line in found if "bytes" in line)
    print(f"{load['cpu_us'] / load['started']:.0f} us of CPU per run, {load['commits'] / size['runs']:.2f} transactions per "
          f"run, {size['bytes'] / size['runs']:.0f} bytes per run on disk")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=("planner", "dispatch", "ledger"))
    options = parser.parse_args()
    program = str(options.program.resolve())
    parts = options.only or ("planner", "ledger", "dispatch")
    if "planner" in parts:
        planner(program)
    if "ledger" in parts:
        ledger(program)
    if "dispatch" in parts:
        dispatch(program, options.rounds)


if __name__ == "__main__":
    main()

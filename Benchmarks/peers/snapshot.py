#!/usr/bin/env python3
"""Snapshots beside `sqlite3 .backup` and `zstd -3 -T2`, and restores beside `zstd -d`, of the same database, in the same run.

    Benchmarks/peers/snapshot.py [MEGABYTES] [--program FILE] [--rounds N]

The database is one of Carillon's with so many megabytes of rows beside its own, of which half compresses. Each round times
both, in turn: wall and processor time, and the peak of resident memory. Ours hashes the database and the frame besides, and
counts every row; it does not prove the snapshot here, which the peers do not either. A restore of ours hashes what it gives and puts
it on disk, which `zstd -d` does not: so it stands beside `zstd -d` alone and with `sync` behind it; of a snapshot that was proved
before, which is held against its hashes, and of one that was not, which SQLite is asked about too. Then a difference is taken after
one new candle of each of 500 series, beside the same peers. Printed: medians, and ours over theirs. Last, a program commits a row
each 5 ms, as a job does (synchronous = FULL), for as long as three whole snapshots take, and as long without: the 50th and the 99th of
100 commits, and those over these.
"""
import argparse
import os
import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILT = [ROOT / ".build-release/release/carillon", ROOT / ".build/debug/carillon"]
SETTINGS = """\
version: 1
database: { path: carillon.db }
venues: { sim: { kind: simulated, seed: 7 } }
accounts: { main: { quote: USDT, cash: "10000" } }
market: { venue: sim, symbols: [BTC-USDT], timeframe: 1h, features: { roc5: roc(5) } }
log: { level: warning }
snapshot: { deltas: 24 }
"""
SERIES, HOURS = 500, 1000
COMMITS = """
import sqlite3, sys, time
database = sqlite3.connect("carillon.db", timeout=60, isolation_level=None)
database.execute("PRAGMA synchronous = FULL")
print("ready", flush=True)
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    begun = time.monotonic()
    database.execute("INSERT OR REPLACE INTO service (name, value, updated) VALUES ('mark', ?, 0)", (str(begun),))
    print(time.monotonic() - begun, flush=True)
    time.sleep(0.005)
"""
SCHEDULES = """\
version: 1
jobs:
  fetch: { cron: "0 * * * *", with: { history: 2d } }
  snapshot: { cron: "0 3 * * *", with: { verify: false, keep: { last: 1 } } }
"""


def timed(*commands, folder):
    """Wall seconds, processor seconds and peak megabytes of commands in turn."""
    wall, processor, peak = time.monotonic(), 0.0, 0
    for command in commands:
        process = subprocess.Popen([str(word) for word in command], cwd=folder, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"snapshot: {' '.join(map(str, command))} ended with {status}")
        processor += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
    return time.monotonic() - wall, processor, peak


def candles(database, hours):
    """One candle of each series for each hour."""
    database.executemany(
        "INSERT INTO candle (series, time, open, high, low, close, volume) VALUES (?, ?, 10, 11, 9, ?, 1)",
        ((1000 + n, hour * 3_600_000, 10 + (n * hour) % 97 / 100) for n in range(SERIES) for hour in hours))
    database.commit()


def commits(folder, seconds, meanwhile=None):
    """How long each commit took while something else was done, or while nothing was."""
    writer = subprocess.Popen([sys.executable, "-c", COMMITS, str(seconds)], cwd=folder, stdout=subprocess.PIPE, text=True)
    writer.stdout.readline()
    begun = time.monotonic()
    if meanwhile:
        meanwhile()
    spent = time.monotonic() - begun
    if meanwhile:
        writer.terminate()
    lines = writer.stdout.read().split()
    writer.wait()
    return [float(line) for line in lines], spent


def told(title, ours, theirs):
    """Medians, and ours over theirs."""
    print(f"{title}, {len(ours)} rounds, medians:")
    for what, unit, place in (("wall", "s", 0), ("processor", "s", 1), ("memory", "MB", 2)):
        a, b = (statistics.median(row[place] for row in rows) for rows in (ours, theirs))
        print(f"  {what:9} {a:8.2f} {unit}  beside {b:8.2f} {unit}  ratio {a / b:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("megabytes", nargs="?", type=int, default=600)
    parser.add_argument("--program", type=pathlib.Path, default=next((p for p in BUILT if p.exists()), BUILT[0]))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-bench-"))
    try:
        (folder / "schedules").mkdir()
        (folder / "carillon.yaml").write_text(SETTINGS)
        (folder / "schedules/carillon.yaml").write_text(SCHEDULES)
        subprocess.run([options.program, "job", "run", "fetch"], cwd=folder, check=True, capture_output=True)
        database = sqlite3.connect(folder / "carillon.db")
        for number in range(options.megabytes):
            text = os.urandom(1 << 19).hex()
            database.execute("INSERT INTO service (name, value, updated) VALUES (?, ?, 0)", (f"ballast {number}", text))
            database.commit()
        database.executemany("INSERT INTO series (id, venue, symbol, timeframe) VALUES (?, 'sim', ?, 3600000)",
                             ((1000 + n, f"C{n}-USDT") for n in range(SERIES)))
        candles(database, range(HOURS))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        peers = (["sqlite3", "carillon.db", ".backup copy.db"], ["zstd", "-q", "-f", "-3", "-T2", "copy.db"])
        ours, theirs = [], []
        for number in range(options.rounds):
            slot = f"2026-01-{number + 1:02d}T03:00:00Z"
            # Without the hashes of the newest one's pages, each is whole.
            for hashes in folder.glob("snapshots/*.pages"):
                hashes.unlink()
            ours.append(timed([options.program, "job", "run", "snapshot", "--at", slot], folder=folder))
            theirs.append(timed(*peers, folder=folder))
        size = (folder / "carillon.db").stat().st_size >> 20
        told(f"a whole snapshot of {size} MB, {options.program.parent.name} build", ours, theirs)
        unpack = ["zstd", "-q", "-d", "copy.db.zst", "-o", "unpacked.db"]
        for what in ("that is proved now", "that was proved before"):
            ours, theirs, synced = [], [], []
            for number in range(options.rounds):
                for peer in (theirs, synced):
                    (folder / "unpacked.db").unlink(missing_ok=True)
                    # What others left unwritten is nobody's cost here.
                    os.sync()
                    peer.append(timed(unpack, *([["sync", "unpacked.db"]] if peer is synced else []), folder=folder))
                (folder / "unpacked.db").unlink()
                (folder / "restored.db").unlink(missing_ok=True)
                os.sync()
                ours.append(timed([options.program, "snapshot", "restore", "--to", "restored.db"], folder=folder))
            told(f"a restore {what}, beside zstd -d", ours, theirs)
            told(f"a restore {what}, beside zstd -d and sync", ours, synced)
            (folder / "restored.db").unlink()
            subprocess.run([options.program, "snapshot", "verify"], cwd=folder, check=True, capture_output=True)
        ours, theirs, sizes = [], [], []
        for number in range(options.rounds):
            with sqlite3.connect(folder / "carillon.db") as database:
                candles(database, [HOURS + number])
            database.close()
            slot = f"2026-02-{number + 1:02d}T03:00:00Z"
            ours.append(timed([options.program, "job", "run", "snapshot", "--at", slot], folder=folder))
            theirs.append(timed(*peers, folder=folder))
            sizes.append(max(folder.glob("snapshots/*.delta.zst")).stat().st_size)
        told(f"a difference of one candle for each of {SERIES} series", ours, theirs)
        print(f"  size      {statistics.median(sizes) / 1e6:8.2f} MB")

        def snapshots():
            for number in range(3):
                for hashes in folder.glob("snapshots/*.pages"):
                    hashes.unlink()
                timed([options.program, "job", "run", "snapshot", "--at", f"2026-03-{number + 1:02d}T03:00:00Z"], folder=folder)

        during, spent = commits(folder, 3600, snapshots)
        without, _ = commits(folder, spent)
        print(f"commits during three whole snapshots ({len(during)}) and without ({len(without)}):")
        for percent in (50, 99):
            a, b = (statistics.quantiles(times, n=100)[percent - 1] * 1000 for times in (during, without))
            print(f"  p{percent}       {a:8.2f} ms beside {b:8.2f} ms ratio {a / b:.2f}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

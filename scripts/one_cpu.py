#!/usr/bin/env python3
"""One processor, one job that computes for ten seconds and more: nothing else may wait for it.

    scripts/one_cpu.py [--program FILE] [--days N] [--keep]

`carillon run` is bound to one processor. A back-fill of N days of minutes computes without a pause on its own thread,
while another job falls due every second. What is measured, and bounded:

- how late each of those ticks starts, by the ledger: at most 0.5 s;
- how long /livez takes to answer: at most 0.5 s;
- how soon after SIGTERM the log says that it drains: at most 0.5 s; and the exit, with 0, when the job is done.
"""
import argparse
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIMIT_SECONDS = 0.5
BUSY_SECONDS = 10
HEAVY_LIMIT_SECONDS = 240

SETTINGS = """\
version: 1
mode: paper
database: {{ path: one.db }}
venues: {{ simulated: {{ kind: simulated, seed: 1 }} }}
accounts: {{ main: {{ quote: USDT, cash: "10000" }} }}
market: {{ venue: simulated, symbols: all, timeframe: 1h, features: {{ roc5: roc(5) }} }}
web: {{ port: {port} }}
log: {{ format: json }}
"""
SCHEDULES = """\
version: 1
jobs:
  tick:  {{ job: fetch, every: 1s, timeout: 10s, with: {{ symbols: [BTC-USDT], history: 1d }} }}
  heavy: {{ job: fetch, every: {every}s, timeout: 10m, with: {{ timeframe: 1m, history: {days}d }} }}
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / ".build-release/release/carillon")
    parser.add_argument("--days", type=int, default=600)
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    options = parser.parse_args()
    if not options.program.exists():
        parser.exit(69, "one_cpu: carillon is not built: run `make release`\n")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-one-"))
    port = free_port()
    # Due once: the first multiple, since 1970, of as many seconds as have gone by since is now.
    every = int(time.time()) + 5
    (folder / "carillon.yaml").write_text(SETTINGS.format(port=port))
    (folder / "schedules.yaml").write_text(SCHEDULES.format(every=every, days=options.days))
    log = folder / "run.log"
    complaints = []
    answers, stopping = [], threading.Event()

    def probe():
        while not stopping.wait(0.1):
            began = time.monotonic()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5) as answer:
                    answers.append((began, time.monotonic() - began, answer.status))
            except OSError as error:
                answers.append((began, time.monotonic() - began, str(error)))

    with log.open("wb") as output:
        process = subprocess.Popen(
            ["taskset", "-c", "0", str(options.program.resolve()), "run", "--config", "carillon.yaml",
             "--schedules", "schedules.yaml"], cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        def running_since():
            try:
                database = sqlite3.connect(f"file:{folder / 'one.db'}?mode=ro", uri=True, timeout=5)
                found = database.execute("SELECT started, state FROM run WHERE job = 'heavy'").fetchone()
                database.close()
                return found
            except sqlite3.Error:
                return None

        began = time.monotonic()
        while not running_since():
            if process.poll() is not None or time.monotonic() - began > 30:
                sys.exit(f"one_cpu: the heavy job does not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.1)
        prober = threading.Thread(target=probe, daemon=True)
        prober.start()
        used, busy_from = processor_seconds(process.pid), time.monotonic()
        while time.monotonic() - busy_from < BUSY_SECONDS:
            time.sleep(0.2)
            if running_since()[1] != "running":
                sys.exit(f"one_cpu: the job was done in {time.monotonic() - busy_from:.1f} s: give it more --days")
        share = (processor_seconds(process.pid) - used) / (time.monotonic() - busy_from)
        stopping.set()
        prober.join()
        written = log.stat().st_size
        signalled = time.monotonic()
        process.send_signal(signal.SIGTERM)
        noticed = None
        while noticed is None and time.monotonic() - signalled < 10:
            if b"draining" in log.read_bytes()[written:]:
                noticed = time.monotonic() - signalled
            time.sleep(0.01)
        code = process.wait(timeout=HEAVY_LIMIT_SECONDS)
        drained = time.monotonic() - signalled
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    database = sqlite3.connect(folder / "one.db")
    heavy = database.execute("SELECT started, ended, state FROM run WHERE job = 'heavy'").fetchone()
    late = [(started - slot) / 1000 for slot, started in database.execute(
        "SELECT slot, started FROM run WHERE job = 'tick' AND state = 'succeeded' AND slot > ? AND slot < ?",
        (heavy[0], heavy[0] + BUSY_SECONDS * 1000))]
    others = database.execute(
        "SELECT state, reason, count(*) FROM run WHERE job = 'tick' AND state <> 'succeeded' GROUP BY 1, 2").fetchall()
    database.close()
    slowest = max((seconds for _, seconds, _ in answers), default=float("inf"))
    if len(late) < BUSY_SECONDS - 1:
        complaints.append(f"{len(late)} ticks in {BUSY_SECONDS} s; the others: {others}")
    if late and max(late) > LIMIT_SECONDS:
        complaints.append(f"a tick was {max(late):.3f} s late")
    if slowest > LIMIT_SECONDS or any(status != 200 for *_, status in answers):
        complaints.append(f"/livez: slowest {slowest:.3f} s, {[a for a in answers if a[2] != 200][:3]}")
    if noticed is None or noticed > LIMIT_SECONDS:
        complaints.append(f"SIGTERM was noticed after {noticed} s:\n{log.read_text()[-2000:]}")
    if code != 0 or heavy[2] != "succeeded":
        complaints.append(f"exit {code}, the heavy job {heavy[2]}")
    if share < 0.4:  # others may want this processor too
        complaints.append(f"the job used only {share:.0%} of the processor: the test proves nothing")
    print(f"one cpu: {share:.0%} busy; {len(late)} ticks, the latest {max(late, default=0):.3f} s late; "
          f"{len(answers)} probes, the slowest {slowest:.3f} s; SIGTERM noticed after {noticed or -1:.3f} s, "
          f"exit {code} after {drained:.1f} s")
    for complaint in complaints:
        print(f"BROKEN: {complaint}")
    if options.keep or complaints:
        print(f"kept: {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())

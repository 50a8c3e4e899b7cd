#!/usr/bin/env python3
"""What Carillon costs: scripts/figures.py [--program FILE] [--seconds N]

Prints the size of the program, the time from its start to the first job's start, and, after a rest, the memory and the
processor time of an idle `carillon run` with the default schedule.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIRST_FIRE = "version: 1\njobs:\n  snapshot: { every: 1s, catchup: latest }\n"
IDLE = (ROOT / "schedules/carillon.yaml").read_text()


def start(program, folder, schedules, log):
    (folder / "schedules.yaml").write_text(schedules)
    shutil.copytree(ROOT / "models", folder / "models", dirs_exist_ok=True)
    environment = dict(os.environ, CARILLON_WEB__PORT="0", CARILLON_LOG__FORMAT="json")
    with log.open("wb") as output:
        return subprocess.Popen([str(program), "run", "--schedules", "schedules.yaml"], cwd=folder, env=environment,
                                stdin=subprocess.DEVNULL, stdout=output, stderr=output)


def stop(process):
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(timeout=30)
    if code != 0:
        sys.exit(f"figures: SIGTERM: exit {code}")
    return time.monotonic() - began


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return {name: int(status[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon")}


def wait_for(log, word, limit=20):
    began = time.monotonic()
    while time.monotonic() - began < limit:
        for line in log.read_text().splitlines():
            if word in line:
                return json.loads(line)
        time.sleep(0.002)
    sys.exit(f"figures: no {word} in the log:\n{log.read_text()[-2000:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / ".build-release/release/carillon")
    parser.add_argument("--seconds", type=int, default=60, help="how long to watch it idle")
    options = parser.parse_args()
    program = options.program.resolve()
    if not program.exists():
        parser.exit(69, "figures: carillon is not built: run `make release`\n")
    print(f"program                 {program.stat().st_size / 1e6:8.1f} MB")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        began = time.monotonic()
        process = start(program, folder, FIRST_FIRE, folder / "1.log")
        wait_for(folder / "1.log", '"running"')
        running = time.monotonic() - began
        stop(process)
        # Started again, it owes the newest slot: the first fire waits for nothing but the start.
        time.sleep(1.1)
        began = time.monotonic()
        process = start(program, folder, FIRST_FIRE, folder / "2.log")
        wait_for(folder / "2.log", '"started"')
        fired = time.monotonic() - began
        stop(process)
        print(f"start to running        {running * 1000:8.0f} ms (new database)")
        print(f"start to first fire     {fired * 1000:8.0f} ms")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        process = start(program, folder, IDLE, folder / "3.log")
        wait_for(folder / "3.log", '"running"')
        time.sleep(5)
        used, began = processor_seconds(process.pid), time.monotonic()
        time.sleep(options.seconds)
        rate = (processor_seconds(process.pid) - used) / (time.monotonic() - began)
        sizes = memory(process.pid)
        print(f"idle resident           {sizes['VmRSS']:8.1f} MB, of which anonymous {sizes['RssAnon']:.1f} MB")
        print(f"idle processor          {rate * 3600:8.1f} s an hour")
        print(f"SIGTERM to exit         {stop(process) * 1000:8.0f} ms")


if __name__ == "__main__":
    main()

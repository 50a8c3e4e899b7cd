#!/usr/bin/env python3
"""What a rebalance on paper costs, beside what it may cost and what it cost last: rebalance.py RebalanceBench [--keep]

For each size a new database: TOP purchases out of so many instruments, then all of them turned round, and before each the
plan alone. Of three rounds the median of processor and wall time in milliseconds, and the commits, which are the same in each.
`last` is what Benchmarks/Rebalance/last.json has; `--keep` writes it. Exits with 1 where a bound is passed: 150 ms of
processor time and 40 commits for 500 instruments, a second for a plan of 5,000.
"""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
LAST = pathlib.Path(__file__).resolve().parent.parent / "Rebalance/last.json"
SIZES = [("500", "500"), ("500", "250"), ("1000", "500"), ("5000", "100"), ("5000", "500")]
ROUNDS = 3
# Of a size and a step: the most milliseconds of processor time, the most commits.
BOUNDS = {
    ("500 500", "rebalance-buy"): (150, 40), ("500 250", "rebalance-buy"): (150, 40), ("500 250", "rebalance-turn"): (150, 40),
    ("5000 100", "plan-buy"): (1000, 0), ("5000 500", "plan-buy"): (1000, 0), ("5000 500", "plan-turn"): (1000, 0),
}


def measured(size):
    """The steps of a size: wall and processor milliseconds and commits of each round."""
    steps = {}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([PROGRAM, folder, *size], capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            words = line.split()
            if words and words[0].startswith(("plan-", "rebalance-")):
                steps.setdefault(words[0], []).append((float(words[1]), float(words[3]), int(words[6])))
    return steps


last = json.loads(LAST.read_text()) if LAST.exists() else {}
now, passed = {}, []
print("| instruments, places | what | CPU ms | last | at most | wall ms | commits | last | at most |")
print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
for size in SIZES:
    name = " ".join(size)
    for step, rounds in measured(size).items():
        wall, cpu = (statistics.median(one[index] for one in rounds) for index in (0, 1))
        commits = max(one[2] for one in rounds)
        now[f"{name} {step}"] = {"cpu": cpu, "commits": commits}
        before = last.get(f"{name} {step}", {})
        most = BOUNDS.get((name, step), ("", ""))
        print(f"| {size[0]}, {size[1]} | {step} | {cpu:.1f} | {before.get('cpu', '')} | {most[0]} | {wall:.1f} | {commits} "
              f"| {before.get('commits', '')} | {most[1]} |")
        if most[0] != "" and (cpu > most[0] or commits > most[1]):
            passed.append(f"{name} {step}: {cpu:.1f} ms of {most[0]}, {commits} commits of {most[1]}")
if "--keep" in sys.argv:
    LAST.write_text(json.dumps(now, indent=1) + "\n")
for one in passed:
    print(f"rebalance: {one}", file=sys.stderr)
sys.exit(1 if passed else 0)

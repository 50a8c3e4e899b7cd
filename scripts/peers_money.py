#!/usr/bin/env python3
"""Holds rebalances on paper against a computation of their own: scripts/peers_money.py [PROGRAM]

Over the daily candles of $CARILLON_SHARED/candles: equal weights and a rotation by momentum, rebalanced monthly and daily, with
fees and slippage. The program runs the whole chain slot by slot (`job run fetch --chain --at`). The peer knows the rule as
docs/reference/jobs.md tells it, in Python's decimals, and shares no code. Orders, fills and the equity of each slot must be
the same to the last digit.
"""
import csv
import datetime
import decimal
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

decimal.getcontext().prec = 60
ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = [ROOT / ".build-release/release/carillon", ROOT / ".build/debug/carillon"]
PROGRAM = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else next((p for p in BUILT if p.exists()), BUILT[0])
NAMES = ["GOOG", "NVDA", "ORCL"]
TICK, LOT, LEAST = Decimal("0.01"), Decimal("0.001"), Decimal("1")
CASH, FEE, SLIPPAGE = Decimal("100000"), Decimal("0.001"), Decimal("0.0005")
BUFFER, BAND = Decimal("0.02"), Decimal("0.01")
UNIT, FEE_STEP = Decimal("1e-12"), Decimal("1e-8")
DAY = 86_400_000


def step(value, size, rounding):
    return (value / size).to_integral_value(rounding) * size


def down(value):
    return step(value, UNIT, ROUND_DOWN)


class Peer:
    """The rule, from the documents alone."""

    def __init__(self, top):
        self.top, self.cash, self.held, self.fills = top, CASH, {n: Decimal(0) for n in NAMES}, []

    def equity(self, prices):
        return self.cash + sum(self.held[n] * prices[n] for n in NAMES)

    def trade(self, side, name, quantity, close):
        sign = 1 if side == "buy" else -1
        price = step(close * (1 + sign * SLIPPAGE), TICK, ROUND_CEILING if sign > 0 else ROUND_FLOOR)
        value = quantity * price
        fee = step(value * FEE, FEE_STEP, ROUND_CEILING)
        self.cash -= sign * value + fee
        self.held[name] += sign * quantity
        self.fills.append((side, name, quantity, price, fee))

    def rebalance(self, prices, scores):
        for _ in range(8):
            equity = self.equity(prices)
            ranked = sorted((n for n in scores if scores[n] > 0), key=lambda n: (-scores[n], n))[: self.top]
            place = down((1 - BUFFER) / self.top)
            sales, purchases = [], []
            for name in NAMES:
                value = self.held[name] * prices[name]
                if name not in ranked:
                    if name in scores and self.held[name] > 0:
                        sales.append((name, self.held[name]))
                    continue
                drift = place - value / equity
                if self.held[name] > 0 and abs(drift) <= BAND:
                    continue
                quantity = step(abs(down(down(equity * place) - value) / prices[name]), LOT, ROUND_DOWN)
                if quantity * prices[name] >= LEAST:
                    (sales if drift < 0 else purchases).append((name, quantity))
            if sales:
                for name, quantity in sales:
                    self.trade("sell", name, quantity, prices[name])
                if not purchases:
                    return
                continue
            outlays = 0
            for name, quantity in purchases:
                value = quantity * step(prices[name] * (1 + SLIPPAGE), TICK, ROUND_CEILING)
                outlays += value + step(value * FEE, FEE_STEP, ROUND_CEILING)
            available = self.cash - equity * BUFFER - FEE_STEP * len(purchases)
            if not purchases or available <= 0:
                return
            factor = down(available / outlays) if outlays > available else Decimal(1)
            for name, quantity in purchases:
                quantity = step(quantity * factor, LOT, ROUND_DOWN)
                if quantity * prices[name] >= LEAST:
                    self.trade("buy", name, quantity, prices[name])
            return


def candles(folder):
    series = {}
    for name in NAMES:
        with open(folder / f"{name}_1d.csv") as file:
            series[name] = {int(r["time_ms"]): r["close"] for r in csv.DictReader(file)}
    return series


def run(folder, *arguments):
    end = subprocess.run([str(PROGRAM), *arguments], cwd=folder, capture_output=True, text=True, timeout=60)
    if end.returncode not in (0, 1):
        sys.exit(f"peers_money: {' '.join(arguments)}: exit {end.returncode}: {end.stderr[-800:]}")
    return end


def compare(source, series, title, top, feature, slots):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-peers-"))
    (folder / "candles").mkdir()
    for name in NAMES:
        shutil.copy(source / f"{name}_1d.csv", folder / "candles")
    rules = ", ".join(f'{n}-USD: {{ tick: "{TICK}", lot: "{LOT}", min-notional: "{LEAST}" }}' for n in NAMES)
    (folder / "carillon.yaml").write_text(f"""\
version: 1
database: {{ path: carillon.db }}
venues: {{ files: {{ kind: csv, path: candles, rules: {{ {rules} }} }} }}
accounts: {{ main: {{ quote: USD, cash: "{CASH}", fee-bps: 10, slippage-bps: 5 }} }}
market: {{ venue: files, symbols: [{", ".join(n + "-USD" for n in NAMES)}], timeframe: 1d, features: {{ m: roc(20) }} }}
defaults:
  fetch: {{ history: 9000d }}
  compute: {{ gaps: bridge }}
  infer: {{ model: m.txt, max-age: 9000d, gaps: bridge }}
  rebalance: {{ top: {top}, max-weight: 1, cash-buffer: {BUFFER}, band: {BAND}, max-age: 9000d }}
""")
    (folder / "m.txt").write_text(f"rules: 1\nfeatures: m\nscore: {feature}\n")
    (folder / "schedules").mkdir()
    (folder / "schedules/carillon.yaml").write_text("""\
version: 1
jobs:
  fetch: { cron: "0 0 1 1 *" }
  compute: { after: fetch }
  infer: { after: compute }
  rebalance: { after: infer }
""")
    peer, points = Peer(top), []
    times = sorted(series[NAMES[0]])
    for slot in slots:
        at = datetime.datetime.fromtimestamp(slot / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        run(folder, "job", "run", "fetch", "--chain", "--force", "--at", at)
        index = times.index(slot - DAY)
        closes = {n: Decimal(series[n][times[index]]) for n in NAMES}
        before = {n: float(series[n][times[index - 20]]) for n in NAMES}
        scores = {n: (float(closes[n]) / before[n] - 1) * 100 if feature == "m" else 1 for n in NAMES}
        peer.rebalance(closes, scores)
        points.append(peer.equity(closes))
    fills = [json.loads(line) for line in run(folder, "export", "fills", "--format", "jsonl").stdout.splitlines()[1:]]
    equity = [json.loads(line) for line in run(folder, "export", "equity", "--format", "jsonl").stdout.splitlines()[1:]]
    ours = [(f["side"], f["symbol"].removesuffix("-USD"), Decimal(f["quantity"]), Decimal(f["price"]), Decimal(f["fee"]))
            for f in fills]
    curve = [Decimal(p["equity"]) for p in equity]
    differ = [(a, b) for a, b in zip(ours, peer.fills) if a != b]
    worst = max((abs(a - b) for a, b in zip(curve, points)), default=Decimal(0))
    print(f"{title:30} {len(slots):5} slots {len(ours):5} fills  differing {len(differ):3}  "
          f"equity {curve[-1] if curve else 'none':.6f}  worst difference {worst:.12f}")
    if differ or len(ours) != len(peer.fills) or len(curve) != len(points) or worst > Decimal("1e-9"):
        print(f"  ours {len(ours)} fills, {len(curve)} points; the peer {len(peer.fills)}, {len(points)}; "
              f"first difference: {differ[:1]}")
        return False
    shutil.rmtree(folder)
    return True


def main():
    shared = os.environ.get("CARILLON_SHARED")
    source = pathlib.Path(shared or "", "candles")
    if not shared or not all((source / f"{n}_1d.csv").exists() for n in NAMES):
        print("peers_money: left out: CARILLON_SHARED names no folder with daily candles, so nothing is compared")
        return 0
    series = candles(source)
    times = sorted(set.intersection(*(set(s) for s in series.values())))
    for name in NAMES:
        series[name] = {t: series[name][t] for t in times}
    months = [t for t, later in zip(times, times[1:])
              if datetime.datetime.fromtimestamp(t / 1000, datetime.timezone.utc).month
              != datetime.datetime.fromtimestamp(later / 1000, datetime.timezone.utc).month]
    monthly = [t + DAY for t in months if times.index(t) > 60][:24]
    daily = [t + DAY for t in times[100:130]]
    ends = [
        compare(source, series, title, top, feature, slots)
        for title, top, feature, slots in [
            ("equal weights, monthly", 3, "m > -1000 ? 1 : 1", monthly), ("equal weights, daily", 3, "m > -1000 ? 1 : 1", daily),
            ("momentum, monthly", 1, "m", monthly), ("momentum, daily", 2, "m", daily),
        ]
    ]
    return 0 if all(ends) else 1


sys.exit(main())

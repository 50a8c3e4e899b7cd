#!/usr/bin/env python3
"""Holds rebalances on paper against two peers, order by order and day by day: scripts/peers_money.py [PROGRAM] [--all]

Over the daily candles of $CARILLON_SHARED/candles: equal weights and a rotation by momentum, rebalanced monthly and daily, with
fees and slippage. The program runs the whole chain slot by slot (`job run fetch --chain --at`).

The first peer knows the rule as docs/reference/jobs.md tells it, in Python's decimals, and shares no code: orders, fills and
equity must be the same to the last digit. The second is vectorbt (`pip install vectorbt==1.2.0`), which knows neither ticks nor
lots and sizes in one pass. The first peer can leave each of those rules out: with all of them out it must fill what vectorbt
fills, and the table shows what each rule costs, so that the whole difference is told to the cent. Without vectorbt the script
fails. --all takes every month and every day there is (an hour of a debug build).
"""
import argparse
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
NAMES = ["GOOG", "NVDA", "ORCL"]
TICK, LOT, LEAST = Decimal("0.01"), Decimal("0.001"), Decimal("1")
CASH, FEE, SLIPPAGE = Decimal("100000"), Decimal("0.001"), Decimal("0.0005")
BUFFER, BAND = Decimal("0.02"), Decimal("0.01")
# What vectorbt has not, in the order in which the table leaves it out.
RULES = {
    "ticks": "prices of fills on the tick, against the account",
    "fee-steps": "fees rounded up to 1e-8",
    "lots": "quantities in lots",
    "buffer": "purchases, their costs included, leave the buffer in cash",
    "rounds": "purchases sized anew after the sales are paid",
    "band": "no trade within the band",
}
UNIT, FEE_STEP = Decimal("1e-12"), Decimal("1e-8")
DAY = 86_400_000


def step(value, size, rounding):
    return (value / size).to_integral_value(rounding) * size


def down(value):
    return step(value, UNIT, ROUND_DOWN)


class Peer:
    """The rule, from the documents alone; `rules` are those of RULES that hold."""

    def __init__(self, top, rules=frozenset(RULES)):
        self.top, self.cash, self.held, self.fills = top, CASH, {n: Decimal(0) for n in NAMES}, []
        self.rules, self.band, self.slot = rules, BAND if "band" in rules else Decimal(0), None

    def equity(self, prices):
        return self.cash + sum(self.held[n] * prices[n] for n in NAMES)

    def price(self, side, close):
        sign = 1 if side == "buy" else -1
        price = close * (1 + sign * SLIPPAGE)
        return step(price, TICK, ROUND_CEILING if sign > 0 else ROUND_FLOOR) if "ticks" in self.rules else price

    def fee(self, value):
        return step(value * FEE, FEE_STEP, ROUND_CEILING) if "fee-steps" in self.rules else value * FEE

    def lots(self, quantity):
        return step(quantity, LOT, ROUND_DOWN) if "lots" in self.rules else quantity

    def trade(self, side, name, quantity, close):
        sign, price = 1 if side == "buy" else -1, self.price(side, close)
        fee = self.fee(quantity * price)
        self.cash -= sign * quantity * price + fee
        self.held[name] += sign * quantity
        self.fills.append((self.slot, side, name, quantity, price, fee))

    def wishes(self, prices, scores):
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
            if self.held[name] > 0 and abs(drift) <= self.band:
                continue
            quantity = self.lots(abs(down(down(equity * place) - value) / prices[name]))
            if quantity * prices[name] >= LEAST:
                (sales if drift < 0 else purchases).append((name, quantity))
        return equity, sales, purchases

    def rebalance(self, slot, prices, scores):
        self.slot = slot
        for _ in range(8):
            equity, sales, purchases = self.wishes(prices, scores)
            for name, quantity in sales:
                self.trade("sell", name, quantity, prices[name])
            if sales and "rounds" in self.rules:
                if not purchases:
                    return
                continue
            outlays = 0
            for name, quantity in purchases:
                value = quantity * self.price("buy", prices[name])
                outlays += value + self.fee(value)
            kept = equity * BUFFER if "buffer" in self.rules else 0
            available = self.cash - kept - FEE_STEP * len(purchases)
            if not purchases or available <= 0:
                return
            factor = down(available / outlays) if outlays > available else Decimal(1)
            for name, quantity in purchases:
                quantity = self.lots(quantity * factor)
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


def ours(source, top, feature, band, slots):
    """What Carillon makes of the slots: its fills, and its equity at each slot."""
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
  rebalance: {{ top: {top}, max-weight: 1, cash-buffer: {BUFFER}, band: {band}, max-age: 9000d }}
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
    for slot in slots:
        at = datetime.datetime.fromtimestamp(slot / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        run(folder, "job", "run", "fetch", "--chain", "--force", "--at", at)
    rows = [[json.loads(line) for line in run(folder, "export", what, "--format", "jsonl").stdout.splitlines()[1:]]
            for what in ("fills", "equity")]
    shutil.rmtree(folder)
    fills = [(f["side"], f["symbol"].removesuffix("-USD"), Decimal(f["quantity"]), Decimal(f["price"]), Decimal(f["fee"]))
             for f in rows[0]]
    return fills, [Decimal(p["equity"]) for p in rows[1]]


def curve(fills, series, days):
    """Equity at the close of each day, from fills and closes alone."""
    cash, held, waiting, points = CASH, {n: Decimal(0) for n in NAMES}, list(fills), []
    for day in days:
        while waiting and waiting[0][0] <= day + DAY:
            _, side, name, quantity, price, fee = waiting.pop(0)
            sign = 1 if side == "buy" else -1
            cash, held[name] = cash - sign * quantity * price - fee, held[name] + sign * quantity
        points.append(cash + sum(held[n] * Decimal(series[n][day]) for n in NAMES))
    return points


def compare(source, series, title, top, feature, slots, band):
    times = sorted(series[NAMES[0]])
    inputs = []
    for slot in slots:
        index = times.index(slot - DAY)
        closes = {n: Decimal(series[n][times[index]]) for n in NAMES}
        before = {n: float(series[n][times[index - 20]]) for n in NAMES}
        scores = {n: (float(closes[n]) / before[n] - 1) * 100 if feature == "m" else 1 for n in NAMES}
        inputs.append((slot, closes, scores))
    held = frozenset(RULES) - (frozenset() if band else {"band"})

    def peer(rules):
        one, points = Peer(top, rules), []
        for slot, closes, scores in inputs:
            one.rebalance(slot, closes, scores)
            points.append(one.equity(closes))
        return one, points

    fills, equity = ours(source, top, feature, BAND if band else 0, slots)
    first, points = peer(held)
    differ = [(a, b) for a, b in zip(fills, first.fills) if a != b[1:]]
    worst = max((abs(a - b) for a, b in zip(equity, points)), default=Decimal(0))
    print(f"{title}: {len(slots)} slots, {len(fills)} fills, equity {equity[-1] if equity else 0:.6f}\n"
          f"  decimals: {len(differ)} fills differ, equity by {worst:.12f} at most", flush=True)
    good = not differ and len(fills) == len(first.fills) and len(equity) == len(points) and worst <= Decimal("1e-9")
    if not good:
        print(f"  FAILED: {len(fills)} fills, {len(equity)} points; the peer {len(first.fills)}, {len(points)}; {differ[:1]}")
    return bridge(series, title, top, inputs, peer, held, first) and good


def bridge(series, title, top, inputs, peer, held, first):
    """From our fills to vectorbt's, one rule at a time."""
    import peers_vectorbt

    times = sorted(series[NAMES[0]])
    days = [t for t in times if inputs[0][0] - DAY <= t <= inputs[-1][0] - DAY]
    theirs, values = peers_vectorbt.rotate(
        {n: [float(series[n][d]) for d in days] for n in NAMES},
        [(days.index(slot - DAY), scores) for slot, _, scores in inputs],
        top, float(BUFFER), float(FEE), float(SLIPPAGE), float(CASH), float(LEAST))
    before, total, rules = curve(first.fills, series, days), Decimal(0), held
    whole = before
    for rule in [r for r in RULES if r in held]:
        rules = rules - {rule}
        one, _ = peer(rules)
        now = curve(one.fills, series, days)
        ends = now[-1] - before[-1]
        total += ends
        print(f"  without {rule:9} {len(one.fills):5} fills, last day {ends:+12.2f}, worst day "
              f"{max((abs(a - b) for a, b in zip(now, before))):10.2f}   ({RULES[rule]})")
        before, last = now, one
    gap = max(abs(float(a) - b) for a, b in zip(before, values))
    same = [(days[row] + DAY, side, name) for row, side, name, *_ in theirs]
    mine = [fill[:3] for fill in last.fills]
    odd = [a for a, b in zip(sorted(same), sorted(mine)) if a != b]
    by_key = {fill[:3]: fill for fill in last.fills}
    far = 0.0
    for row, side, name, quantity, price, fee in theirs:
        other = by_key.get((days[row] + DAY, side, name))
        if other:
            far = max(far, *(abs(float(a) / b - 1) for a, b in zip(other[3:], (quantity, price, fee))))
    print(f"  vectorbt: {len(theirs)} fills, {len(odd) + abs(len(same) - len(mine))} of them not ours without those rules, "
          f"numbers apart by {far:.0e} at most; equity of {len(days)} days by {gap:.8f} at most; "
          f"in all {float(whole[-1]) - values[-1]:+.2f} on the last day, {float(-total):+.2f} of it by those rules", flush=True)
    return not odd and len(same) == len(mine) and gap < 0.005 and far < 1e-6


def main():
    global PROGRAM
    parser = argparse.ArgumentParser(description="hold rebalances on paper against two peers")
    parser.add_argument("program", nargs="?", type=pathlib.Path, default=next((p for p in BUILT if p.exists()), BUILT[0]))
    parser.add_argument("--all", action="store_true", help="every month and every day, not the first of them")
    options = parser.parse_args()
    PROGRAM = options.program.resolve()
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
    monthly = [t + DAY for t in months if times.index(t) > 60]
    daily = [t + DAY for t in times[100:]]
    if not options.all:
        monthly, daily = monthly[:24], daily[:30]
    ends = [
        compare(source, series, title, top, feature, slots, band)
        for title, top, feature, slots, band in [
            ("equal weights, monthly", 3, "m > -1000 ? 1 : 1", monthly, True),
            ("equal weights, daily", 3, "m > -1000 ? 1 : 1", daily, False),
            ("momentum, monthly", 1, "m", monthly, True),
            ("momentum, daily", 2, "m", daily, False),
        ]
    ]
    return 0 if all(ends) else 1


sys.exit(main())

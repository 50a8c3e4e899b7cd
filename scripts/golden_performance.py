#!/usr/bin/env python3
"""Makes the golden file of the figures of performance: Tests/PortfolioTests/Goldens/performance.json.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install quantstats==0.0.86 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1
    /tmp/golden/bin/python scripts/golden_performance.py

QuantStats tells the figures of returns; SciPy's root finder solves the equation of the money-weighted return.
"""

import json
import math
import pathlib
import re

import numpy as np
import pandas as pd
import quantstats as qs
from scipy.optimize import brentq

FILE = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "PortfolioTests" / "Goldens" / "performance.json"
SEED = 20261128
DAY = 86_400_000


def returns_case(name, returns, periods):
    series = pd.Series(returns, index=pd.date_range("2024-01-01", periods=len(returns), freq="D"))
    stats = qs.stats
    return {
        "name": name,
        "periods_per_year": periods,
        "returns": [float(r) for r in returns],
        "total": float(stats.comp(series)),
        "annual": float(stats.cagr(series, periods=periods)),
        "volatility": float(stats.volatility(series, periods=periods)),
        "sharpe": float(stats.sharpe(series, periods=periods)),
        "sortino": float(stats.sortino(series, periods=periods)),
        "max_drawdown": -float(stats.max_drawdown(series)),
        "calmar": float(stats.calmar(series, periods=periods)),
        "win_rate": float(stats.win_rate(series)),
        "best": float(series.max()),
        "worst": float(series.min()),
        "drawdowns": drawdowns(series),
        "rolling": {str(window): rolling(series, window, periods) for window in (2, 30, 90) if window <= len(returns)},
    }


def rolling(series, window, periods):
    """Of every seventh full window and the last: the place of its last return, volatility and Sharpe ratio a year."""
    volatility = qs.stats.rolling_volatility(series, window, periods).dropna()
    sharpe = qs.stats.rolling_sharpe(series, 0.0, window, True, periods)
    places = sorted({*range(window - 1, len(series), 7), len(series) - 1})
    return [[place, float(volatility[series.index[place]]), float(sharpe.iloc[place])] for place in places]


def drawdowns(series):
    """QuantStats' own list: first day below the high, lowest day, last day below it; and the depth in per cent."""
    details = qs.stats.drawdown_details(qs.stats.to_drawdown_series(series))
    day = lambda text: int((pd.Timestamp(text) - pd.Timestamp("2024-01-01")).days)
    return [
        {"start": day(row["start"]), "valley": day(row["valley"]), "end": day(row["end"]),
         "depth": -float(row["max drawdown"]) / 100}
        for _, row in details.iterrows()
    ]


def money_case(name, first, flows, last, days):
    """flows: (day, amount) paid in above zero."""
    payments = [(0, -first)] + [(d, -a) for d, a in flows] + [(days, last)]
    value = lambda rate: sum(a * (1 + rate) ** (-d / 365) for d, a in payments)
    return {"name": name, "first": first, "flows": flows, "last": last, "days": days,
            "rate": float(brentq(value, -0.99, 50, xtol=1e-15, rtol=8.9e-16))}


def main():
    random = np.random.default_rng(SEED)
    cases = [
        returns_case("a year of trading days", random.normal(0.0006, 0.012, 252), 252),
        returns_case("two years of days, fat tails", random.standard_t(3, 730) * 0.01, 365),
        returns_case("a month that begins with a loss", np.concatenate([[-0.05], random.normal(0.001, 0.02, 29)]), 365),
    ]
    money = [
        money_case("no flows", 1000.0, [], 1100.0, 365),
        money_case("paid in before a rise", 1000.0, [(30, 5000.0)], 6700.0, 200),
        money_case("paid out before a fall", 10000.0, [(45, -8000.0), (200, 500.0)], 1800.0, 400),
        money_case("a loss", 1000.0, [(10, 100.0)], 400.0, 730),
    ]
    FILE.parent.mkdir(exist_ok=True)
    text = json.dumps({"made_with": f"quantstats {qs.__version__}, scipy", "returns": cases, "money": money}, indent=1)
    # Three numbers that belong together stand on one line.
    FILE.write_text(re.sub(r"\[\s+(-?[\d.e+-]+),\s+(-?[\d.e+-]+),\s+(-?[\d.e+-]+)\s+\]", r"[\1, \2, \3]", text) + "\n")


if __name__ == "__main__":
    main()

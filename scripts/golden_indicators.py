#!/usr/bin/env python3
"""Makes the golden files of the indicators: Tests/Goldens/indicators.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install TA-Lib==0.8.2 numpy==2.4.6 pandas
    /tmp/golden/bin/python scripts/golden_indicators.py

TA-Lib tells the values of every function that it has; the others are worked out here from their
published definitions, in plain loops and without any of our code.
"""

import json
import math
import pathlib
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pandas as pd
import talib
from talib import abstract

SEED = 20240131
ROWS = 200
HOUR = 3_600_000
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Goldens" / "indicators"

# Each with its defaults and with others, every kind of average among them.
TALIB = [
    ("SMA", {"timeperiod": 10}), ("SMA", {"timeperiod": 1}),
    ("EMA", {"timeperiod": 10}), ("EMA", {"timeperiod": 1}),
    ("WMA", {"timeperiod": 10}), ("DEMA", {"timeperiod": 10}), ("DEMA", {"timeperiod": 2}),
    ("TEMA", {"timeperiod": 10}), ("TRIMA", {"timeperiod": 10}), ("TRIMA", {"timeperiod": 9}),
    ("KAMA", {"timeperiod": 10}), ("T3", {"timeperiod": 5, "vfactor": 0.7}),
    ("T3", {"timeperiod": 3, "vfactor": 0.2}), ("HMA", {"timeperiod": 20}),
    ("HMA", {"timeperiod": 3}), ("VWAP", {}),
    ("RSI", {"timeperiod": 14}), ("RSI", {"timeperiod": 2}),
    ("STOCH", {"fastk_period": 14, "slowk_period": 3, "slowk_matype": 0, "slowd_period": 3, "slowd_matype": 0}),
    ("STOCH", {"fastk_period": 5, "slowk_period": 4, "slowk_matype": 1, "slowd_period": 3, "slowd_matype": 2}),
    ("STOCHF", {"fastk_period": 5, "fastd_period": 3, "fastd_matype": 0}),
    ("STOCHF", {"fastk_period": 7, "fastd_period": 4, "fastd_matype": 1}),
    ("STOCHRSI", {"timeperiod": 14, "fastk_period": 5, "fastd_period": 3, "fastd_matype": 0}),
    ("STOCHRSI", {"timeperiod": 9, "fastk_period": 6, "fastd_period": 3, "fastd_matype": 5}),
    ("MACD", {"fastperiod": 12, "slowperiod": 26, "signalperiod": 9}),
    ("MACD", {"fastperiod": 20, "slowperiod": 6, "signalperiod": 4}),
    *[("PPO", {"fastperiod": 4, "slowperiod": 9, "matype": m}) for m in (0, 1)],
    *[("APO", {"fastperiod": 4, "slowperiod": 9, "matype": m}) for m in (0, 1, 2, 3, 4, 5, 6, 8)],
    ("CCI", {"timeperiod": 14}), ("CMO", {"timeperiod": 14}), ("MFI", {"timeperiod": 14}),
    ("ADX", {"timeperiod": 14}), ("ADX", {"timeperiod": 2}), ("ADXR", {"timeperiod": 14}),
    ("ADXR", {"timeperiod": 2}), ("DX", {"timeperiod": 14}),
    ("PLUS_DI", {"timeperiod": 14}), ("PLUS_DI", {"timeperiod": 1}),
    ("MINUS_DI", {"timeperiod": 14}), ("MINUS_DI", {"timeperiod": 1}),
    ("PLUS_DM", {"timeperiod": 14}), ("PLUS_DM", {"timeperiod": 1}),
    ("MINUS_DM", {"timeperiod": 14}), ("MINUS_DM", {"timeperiod": 1}),
    ("AROON", {"timeperiod": 14}), ("AROONOSC", {"timeperiod": 14}), ("BOP", {}),
    ("MOM", {"timeperiod": 10}), ("ROC", {"timeperiod": 10}), ("ROCP", {"timeperiod": 10}),
    ("WILLR", {"timeperiod": 14}), ("TRIX", {"timeperiod": 15}), ("TRIX", {"timeperiod": 1}),
    ("ULTOSC", {"timeperiod1": 7, "timeperiod2": 14, "timeperiod3": 28}),
    ("ULTOSC", {"timeperiod1": 9, "timeperiod2": 3, "timeperiod3": 5}),
    ("ATR", {"timeperiod": 14}), ("ATR", {"timeperiod": 1}), ("NATR", {"timeperiod": 14}),
    ("TRANGE", {}),
    ("BBANDS", {"timeperiod": 20, "nbdevup": 2.0, "nbdevdn": 2.0, "matype": 0}),
    ("BBANDS", {"timeperiod": 6, "nbdevup": 1.5, "nbdevdn": 2.5, "matype": 1}),
    ("BBANDS", {"timeperiod": 6, "nbdevup": 1.5, "nbdevdn": 2.5, "matype": 6}),
    ("KC", {"timeperiod": 20, "atrperiod": 10, "nbdev": 2.0}), ("DONCHIAN", {"timeperiod": 20}),
    ("STDDEV", {"timeperiod": 5, "nbdev": 1.0}), ("STDDEV", {"timeperiod": 20, "nbdev": 2.5}),
    ("VAR", {"timeperiod": 5, "nbdev": 1.0}), ("OBV", {}), ("AD", {}),
    ("ADOSC", {"fastperiod": 3, "slowperiod": 10}), ("ADOSC", {"fastperiod": 8, "slowperiod": 2}),
    ("SAR", {"acceleration": 0.02, "maximum": 0.2}), ("SAR", {"acceleration": 0.3, "maximum": 0.1}),
    ("LINEARREG", {"timeperiod": 14}), ("LINEARREG_SLOPE", {"timeperiod": 14}),
    ("LINEARREG_ANGLE", {"timeperiod": 14}), ("LINEARREG_INTERCEPT", {"timeperiod": 14}),
    ("TSF", {"timeperiod": 14}), ("TSF", {"timeperiod": 2}), ("BETA", {"timeperiod": 5}),
    ("CORREL", {"timeperiod": 30}), ("MIN", {"timeperiod": 30}), ("MAX", {"timeperiod": 30}),
    ("SUM", {"timeperiod": 30}), ("MIDPOINT", {"timeperiod": 14}), ("MIDPRICE", {"timeperiod": 14}),
    ("SUPERTREND", {"timeperiod": 10, "multiplier": 3.0}),
    ("SUPERTREND", {"timeperiod": 4, "multiplier": 1.0}),
]


def series():
    """A walk with changing volatility, prices on a tick of 0.0001, hourly, some hours missing."""
    random = np.random.default_rng(SEED)
    times, rows, price, time = [], [], 100.0, 1_704_067_200_000 - 7 * HOUR
    for n in range(ROWS):
        time += HOUR * (1 + (int(random.integers(2, 30)) if n in (61, 62, 140) else 0))
        spread = 0.4 + 0.4 * math.sin(n / 17)
        opening = price + random.normal(0, spread / 4)
        closing = opening + random.normal(0, spread)
        high = max(opening, closing) + abs(random.normal(0, spread / 2))
        low = min(opening, closing) - abs(random.normal(0, spread / 2))
        volume = random.lognormal(3, 1.5)
        times.append(time)
        rows.append([round(x, 4) for x in (opening, high, low, closing, volume)])
        price = closing
    return times, dict(zip(("open", "high", "low", "close", "volume"), np.array(rows).T))


def name(function, params):
    parts = [function] + [str(v).replace(".", "p") for v in params.values()]
    return "_".join(parts)


def from_talib(data):
    """(column, function, params, inputs, {output: values})"""
    for function, params in TALIB:
        call = abstract.Function(function)
        if params:
            call.parameters = params  # so that the look-back is that of these
        result = call(data)
        outputs = list(call.output_names)
        values = [result] if len(outputs) == 1 else list(result)
        inputs = {
            key: list(value) if isinstance(value, (list, tuple)) else value
            for key, value in call.input_names.items()
        }
        columns = []
        for value in values:
            value = np.asarray(value, dtype=float).copy()
            value[: call.lookback] = np.nan  # whole-number outputs cannot be missing in TA-Lib
            columns.append(value)
        yield name(function, params), function, params, inputs, dict(zip(outputs, columns))


def from_definitions(times, data):
    close = data["close"]
    n = len(close)
    frame = pd.Series(close)
    stamps = pd.to_datetime(np.array(times), unit="ms", utc=True)
    nan = float("nan")

    def column(function, params, values, inputs=None):
        return (name(function, params), function, params, {"price": "close"} if inputs is None else inputs, {"real": values})

    for period in (1, 5):
        values = [nan] * period + [math.log(close[i] / close[i - period]) for i in range(period, n)]
        yield column("LOGRET", {"timeperiod": period}, values)
    returns = [math.log(close[i] / close[i - 1]) for i in range(1, n)]
    values = [nan] * 20 + [math.sqrt(sum(r * r for r in returns[i - 20 : i])) for i in range(20, n)]
    yield column("REALVOL", {"timeperiod": 20}, values)
    rolling = frame.rolling(20)
    yield column("ZSCORE", {"timeperiod": 20}, ((frame - rolling.mean()) / rolling.std(ddof=0)).tolist())
    yield column("RANK", {"timeperiod": 20}, rolling.rank(pct=True).tolist())
    yield column("HOUR", {}, [float(t.hour) for t in stamps], {})
    yield column("WEEKDAY", {}, [float(t.weekday()) for t in stamps], {})

    typical = (data["high"] + data["low"] + data["close"]) / 3
    day = pd.Series(stamps.floor("D"))
    paid = pd.Series(typical * data["volume"]).groupby(day).cumsum()
    yield column(
        "VWAP_DAILY", {}, (paid / pd.Series(data["volume"]).groupby(day).cumsum()).tolist(), {})

    high, low = pd.Series(data["high"]), pd.Series(data["low"])

    def middle(period):
        return (high.rolling(period).max() + low.rolling(period).min()) / 2

    periods = {"tenkan": 9, "kijun": 26, "senkou": 52, "displacement": 26}
    tenkan, kijun = middle(9), middle(26)
    lines = {
        "tenkan": tenkan, "kijun": kijun, "senkoua": ((tenkan + kijun) / 2).shift(25),
        "senkoub": middle(52).shift(25),
    }
    first = lines["senkoub"].first_valid_index()  # one warm-up for all lines
    outputs = {key: line.where(line.index >= first).tolist() for key, line in lines.items()}
    yield name("ICHIMOKU", periods), "ICHIMOKU", periods, {"prices": ["high", "low"]}, outputs


def in_cents():
    """Prices in whole cents at a high level, where sums round: time, candle, and what is exact.

    Typical prices that are equal to the cent differ in their last bit as doubles, a correlation of 1 is one
    rounding away from more, and a mean is a thousand times larger than the distances from it. The exact columns are
    worked out in fractions: MFI of the cents, the others of the doubles that are given.
    """
    random = np.random.default_rng(SEED + 1)
    price, volume, bars = 10_000_000, [], []
    for n in range(400):
        closing = price + int(random.integers(-3, 4))
        # At first high and low go along with the close, then they do not.
        ends = (closing, closing) if n < 150 else (max(price, closing), min(price, closing))
        spread = 12 if n < 150 else int(random.integers(1, 8))
        bars.append((price, ends[0] + spread, ends[1] - spread, closing))
        volume.append(float(random.integers(1, 1000)))
        price = closing
    columns = np.array(bars, dtype=float).T / 100
    talib_mfi = talib.MFI(columns[1], columns[2], columns[3], np.array(volume), timeperiod=14)
    nan = float("nan")
    typical = [bar[1] + bar[2] + bar[3] for bar in bars]
    flows = [Fraction(t * int(v)) for t, v in zip(typical, volume)]
    mfi, zscore, correl = [], [], []
    for n in range(len(bars)):
        up = sum(flows[i] for i in range(max(1, n - 13), n + 1) if typical[i] > typical[i - 1])
        down = sum(flows[i] for i in range(max(1, n - 13), n + 1) if typical[i] < typical[i - 1])
        mfi.append(nan if n < 14 else float(100 * up / (up + down)) if up + down else 0.0)
        x = [Fraction(value) for value in columns[3][max(0, n - 4) : n + 1]]
        variance = sum((v - sum(x) / 5) ** 2 for v in x) / 5
        zscore.append(nan if n < 4 else root_of_square(x[-1] - sum(x) / 5, variance))
        y, z = ([Fraction(value) for value in columns[k][max(0, n - 4) : n + 1]] for k in (1, 2))
        both = sum((a - sum(y) / 5) * (b - sum(z) / 5) for a, b in zip(y, z))
        product = sum((a - sum(y) / 5) ** 2 for a in y) * sum((b - sum(z) / 5) ** 2 for b in z)
        correl.append(nan if n < 4 else root_of_square(both, product))
    for n, bar in enumerate(bars):
        time = 1_704_067_200_000 + n * HOUR
        yield [str(time)] + [repr(float(value)) for value in columns[:, n]] + [repr(volume[n])] + [
            cell(mfi[n]), cell(float(talib_mfi[n])), exact(zscore[n]), exact(correl[n])]


def root_of_square(value, square):
    """value / sqrt(square), rounded once."""
    if square == 0:
        return 0.0
    with localcontext() as context:
        context.prec = 60
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
        return float(quotient / (Decimal(square.numerator) / Decimal(square.denominator)).sqrt())


def exact(value):
    return "" if math.isnan(value) else repr(value)


def cell(value):
    if value is None or math.isnan(value):
        return ""
    return f"{value:.13g}"


def write(path, header, rows):
    with open(path, "w", encoding="ascii", newline="\n") as file:
        file.write(",".join(header) + "\n")
        for row in rows:
            file.write(",".join(row) + "\n")


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    times, data = series()
    write(
        FOLDER / "series.csv", ["time_ms", "open", "high", "low", "close", "volume"],
        [[str(t)] + [repr(float(data[k][i])) for k in data] for i, t in enumerate(times)])
    header, columns, indicators = ["time_ms"], [], {}
    for column, function, params, inputs, outputs in [
        *from_talib(data), *from_definitions(times, data)
    ]:
        assert column not in indicators, column
        indicators[column] = {
            "function": function, "params": params, "inputs": inputs, "outputs": list(outputs)}
        for output, values in outputs.items():
            header.append(column if len(outputs) == 1 else f"{column}.{output}")
            columns.append(values)
    write(
        FOLDER / "golden.csv", header,
        [[str(t)] + [cell(float(c[i])) for c in columns] for i, t in enumerate(times)])
    write(
        FOLDER / "cents.csv",
        ["time_ms", "open", "high", "low", "close", "volume", "mfi_14_exact", "mfi_14_talib", "zscore_5_exact",
         "correl_5_exact"], in_cents())
    version = f"TA-Lib C {talib.__ta_version__.decode().split(' ')[0]}, PyPI TA-Lib {talib.__version__}"
    note = f"seed {SEED}; made by scripts/golden_indicators.py"
    lines = [f'    {json.dumps(k)}: {json.dumps(v)}' for k, v in indicators.items()]
    (FOLDER / "params.json").write_text(
        "{\n" + f'  "library": {json.dumps(version)},\n  "note": {json.dumps(note)},\n'
        + '  "indicators": {\n' + ",\n".join(lines) + "\n  }\n}\n", encoding="ascii")


main()

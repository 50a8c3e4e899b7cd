"""A rotation among some instruments as vectorbt trades it: for scripts/peers_money.py.

vectorbt's own loop decides: target shares of the value before the bar's orders, sales first, one pass, fractional quantities."""
import os

os.environ.setdefault("NUMBA_DISABLE_JIT", "1")  # some thousand steps: compiling them takes longer than running them

import numpy
import pandas
import vectorbt


def rotate(closes, slots, top, buffer, fee, slippage, cash, least):
    """Its fills (row, side, name, quantity, price, fee) and its value at each close.

    closes: by name, one a row; slots: (row, scores by name); least: the value below which it does not trade."""
    names = list(closes)
    prices = pandas.DataFrame(closes)
    targets = pandas.DataFrame(numpy.nan, index=prices.index, columns=names)
    for row, scores in slots:
        ranked = sorted((n for n in names if scores[n] > 0), key=lambda n: (-scores[n], n))[:top]
        targets.loc[row] = [(1 - buffer) / top if n in ranked else 0.0 for n in names]
    portfolio = vectorbt.Portfolio.from_orders(
        prices, size=targets, size_type="targetpercent", direction="longonly", fees=fee, slippage=slippage,
        min_size=least / prices, init_cash=cash, cash_sharing=True, group_by=True, call_seq="auto", freq="1D")
    records = portfolio.orders.records
    fills = [(int(r.idx), "buy" if r.side == 0 else "sell", names[int(r.col)], float(r.size), float(r.price), float(r.fees))
             for r in records.itertuples(index=False)]
    return sorted(fills, key=lambda f: f[0]), [float(v) for v in portfolio.value()]

#!/usr/bin/env python3
"""Trains a LightGBM model on the features that Carillon has computed, and writes it where Carillon reads it.

    examples/train_lightgbm.py [--program carillon] [--config carillon.yaml] [--model models/lightgbm.txt]

Needs `pip install lightgbm numpy`. The features come from `carillon export features`, which are the rows that live
inference reads: nothing is computed twice, so training and trading cannot differ.

The label of a row is the rank of its symbol's next return among all symbols: 1 for the best of the next candle, near
0 for the worst. There is no look-ahead:

- the features of a candle are known when it has closed, and the label is what the next candle does after that;
- the hold-out lies wholly after the training rows, and the candle between them is left out, since the label of the
  last training row is made of it;
- how many trees there are is decided on the last part of the training rows, never on the hold-out.
"""
import argparse
import csv
import io
import os
import pathlib
import subprocess
import sys

try:
    import lightgbm
    import numpy
except ImportError as error:
    sys.exit(f"train_lightgbm: {error.name} is missing: pip install lightgbm numpy")

HOLD_OUT = 0.25  # of all times, the newest
VALIDATION = 0.2  # of the training times, the newest
PARAMETERS = {
    "objective": "regression",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "seed": 1,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


def exported(arguments):
    """Times (ms), symbols, closes, features (rows x features) and their names, in order of time, then symbol."""
    command = [arguments.program, "export", "features", "--with-close"]
    for flag in ("config", "schedules", "job"):
        value = getattr(arguments, flag)
        command += [f"--{flag}", value] if value else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)  # its words go to our standard error
    if done.returncode != 0:
        sys.exit(done.returncode)
    rows = list(csv.reader(io.StringIO(done.stdout)))
    header, rows = rows[0], rows[1:]
    if not rows:
        sys.exit("train_lightgbm: there are no rows: fetch and compute first")
    symbols = numpy.array([row[0] for row in rows])
    times = numpy.array([int(row[1]) for row in rows])
    closes = numpy.array([float(row[2]) for row in rows])
    features = numpy.array([[float(cell) if cell else numpy.nan for cell in row[3:]] for row in rows])
    return times, symbols, closes, features, header[3:]


def ranks(values):
    """Ranks from 1 / n to 1, ties averaged."""
    order = numpy.argsort(values, kind="stable")
    result = numpy.empty(len(values))
    result[order] = numpy.arange(1, len(values) + 1)
    for value in numpy.unique(values):
        same = values == value
        result[same] = result[same].mean()
    return result / len(values)


def labels(times, symbols, closes):
    """The rank of each row's next return among the symbols of its time; NaN where there is no next candle."""
    step = numpy.diff(numpy.unique(times)).min()
    close = {(symbol, time): value for symbol, time, value in zip(symbols, times, closes)}
    after = numpy.array([close.get((symbol, time + step), numpy.nan) for symbol, time in zip(symbols, times)])
    returns = after / closes - 1
    result = numpy.full(len(times), numpy.nan)
    for time in numpy.unique(times):
        known = numpy.flatnonzero((times == time) & ~numpy.isnan(returns))
        if len(known) > 1:
            result[known] = ranks(returns[known])
    return result


def rank_correlations(times, predicted, label):
    """For each time, how well the order of the predictions agrees with the order that came true, from -1 to 1."""
    found = []
    for time in numpy.unique(times):
        here = times == time
        if len(numpy.unique(label[here])) > 1 and len(numpy.unique(predicted[here])) > 1:
            found.append(numpy.corrcoef(ranks(predicted[here]), label[here])[0, 1])
    return numpy.array(found)


def split(times, share):
    """Which rows are early and which late, with one time between them left out."""
    all_times = numpy.unique(times)
    place = int(len(all_times) * (1 - share))
    if place < 2 or place >= len(all_times) - 1:
        sys.exit(f"train_lightgbm: {len(all_times)} times are too few to split")
    return times < all_times[place - 1], times >= all_times[place]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="carillon", help="the program")
    parser.add_argument("--config", help="its settings file")
    parser.add_argument("--schedules", help="its schedules file")
    parser.add_argument("--job", help="the compute job, where there are several")
    parser.add_argument("--model", default="models/lightgbm.txt", type=pathlib.Path, help="the file to write")
    arguments = parser.parse_args()

    times, symbols, closes, features, names = exported(arguments)
    label = labels(times, symbols, closes)
    usable = ~numpy.isnan(label) & ~numpy.isnan(features).all(axis=1)
    times, features, label = times[usable], features[usable], label[usable]

    training, hold_out = split(times, HOLD_OUT)
    fitting, validation = split(times[training], VALIDATION)
    train = lightgbm.Dataset(
        features[training][fitting], label[training][fitting], feature_name=names, free_raw_data=False)
    judge = lightgbm.Dataset(features[training][validation], label[training][validation], reference=train)
    # The smallest number of trees that did best on the validation rows; at least one, so that there is a model.
    model = lightgbm.train(
        PARAMETERS, train, num_boost_round=300, valid_sets=[judge],
        callbacks=[lightgbm.early_stopping(30, verbose=False)])

    found = rank_correlations(times[hold_out], model.predict(features[hold_out]), label[hold_out])
    mean = found.mean() if len(found) else 0.0
    error = found.std(ddof=1) / numpy.sqrt(len(found)) if len(found) > 1 else float("inf")
    print(f"rows: {training.sum()} to train on, {hold_out.sum()} held out, {len(names)} features")
    print(f"trees: {model.num_trees()}")
    print(f"hold-out rank correlation: {mean:+.4f} +- {error:.4f} (standard error over {len(found)} times)")
    if mean < 3 * error:
        print("that is no more than chance: do not trade on it")

    # Written beside and renamed, so that a Carillon that runs never reads half of it.
    arguments.model.parent.mkdir(parents=True, exist_ok=True)
    beside = arguments.model.with_name(arguments.model.name + ".new")
    model.save_model(beside)
    os.replace(beside, arguments.model)
    print(f"wrote {arguments.model}: set `defaults: {{ infer: {{ model: {arguments.model} }} }}` in carillon.yaml")


if __name__ == "__main__":
    main()

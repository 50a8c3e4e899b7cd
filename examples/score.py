#!/usr/bin/env python3
"""A model that is a program: rows of features on standard input, scores on standard output.

    with:
      model:
        command: [python3, examples/score.py, weights.json]
        timeout: 30s
        hash-files: [examples/score.py, weights.json]

Here the model is linear, and its weights are a JSON object by name of feature. To serve another, PyTorch's for instance,
load it in `load` and ask it in `score`; Carillon sees only the two tables.
"""
import csv
import json
import sys


def load(path):
    with open(path, encoding="utf-8") as file:
        return {name: float(weight) for name, weight in json.load(file).items()}


def score(weights, row):
    """The score of a row; None to abstain, as here when a feature is missing (nothing stands in its place)."""
    texts = [(weight, row[name]) for name, weight in weights.items()]
    if any(text == "" for _, text in texts):
        return None
    return sum(weight * float(text) for weight, text in texts)


def main():
    weights = load(sys.argv[1])
    rows = csv.DictReader(sys.stdin)
    print("symbol,score")
    for row in rows:
        value = score(weights, row)
        if value is not None:
            print(f"{row['symbol']},{value!r}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes the models of Tests/InferenceTests/Goldens/xgb_base_*: base scores, and early stopping.

What a base score means has changed from version to version of XGBoost, so the script is run by two of them, and each
writes models of its own, `_2_1` and `_3_2`, with the scores that it gives them:

    for v in 2.1.4 3.2.0; do
      python3 -m venv /tmp/xgb-$v && /tmp/xgb-$v/bin/pip install xgboost==$v numpy==2.4.6
      /tmp/xgb-$v/bin/python scripts/golden_xgboost.py Tests/InferenceTests/Goldens
    done

The rows are those of inputs_finite.csv, which scripts/golden_models.py makes.
"""

import csv
import sys

import numpy as np
import xgboost as xgb

SEED = 20240301
ROWS = 300


def number(value):
    value = np.float32(value)
    return "nan" if np.isnan(value) else ("inf" if value > 0 else "-inf") if np.isinf(value) else str(value)


def write(path, booster, rows, rounds=(0, 0)):
    margins = booster.predict(rows, output_margin=True, iteration_range=rounds)
    predicted = booster.predict(rows, iteration_range=rounds)
    margins, predicted = margins.reshape(len(margins), -1), predicted.reshape(len(predicted), -1)
    with open(path, "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        header = [f"margin{i}" for i in range(margins.shape[1])] + [f"pred{i}" for i in range(predicted.shape[1])]
        table.writerow(header)
        for margin, prediction in zip(margins, predicted):
            table.writerow([number(value) for value in [*margin, *prediction]])


def main():
    folder = sys.argv[1]
    version = "_".join(xgb.__version__.split(".")[:2])
    with open(f"{folder}/inputs_finite.csv", newline="") as file:
        names, *cells = csv.reader(file)
    rows = xgb.DMatrix(np.array(cells, dtype=float), feature_names=names)
    random = np.random.default_rng(SEED)
    x = random.normal(size=(ROWS, len(names))).round(3)
    y = x[:, 0] + 0.5 * x[:, 1] * x[:, 2] + random.normal(scale=0.4, size=ROWS)
    binary = (y > 0).astype(float)
    rare = (y > 1.2).astype(float)
    cases = {
        # The base score of logitraw is a margin, may be below zero, and is added as it is.
        "logitraw": ({"objective": "binary:logitraw", "base_score": 0.2}, binary),
        "logitraw_negative": ({"objective": "binary:logitraw"}, rare),
        "logitraw_given": ({"objective": "binary:logitraw", "base_score": -0.7}, binary),
        # Trained on one class alone: [0E0] and [1E0] since 3.1.
        "none": ({"objective": "binary:logistic"}, np.zeros(ROWS)),
        "every": ({"objective": "binary:logistic"}, np.ones(ROWS)),
        "one_of_three": ({"objective": "multi:softprob", "num_class": 3}, np.zeros(ROWS)),
        "no_counts": ({"objective": "count:poisson"}, np.zeros(ROWS)),
        # One base score for each class in the file since 3.1, of which gblinear uses the first.
        "linear_classes": (
            {"objective": "multi:softprob", "num_class": 3, "booster": "gblinear"},
            np.digitize(y, [-0.5, 0.5]).astype(float)),
    }
    for name, (parameters, target) in cases.items():
        parameters = {"nthread": 1, "seed": 7, **parameters}
        if parameters.get("booster") != "gblinear":
            parameters["max_depth"] = 2
        booster = xgb.train(parameters, xgb.DMatrix(x, target, feature_names=names), 3)
        booster.save_model(f"{folder}/xgb_base_{name}_{version}.json")
        write(f"{folder}/xgb_base_{name}_{version}.csv", booster, rows)

    # Early stopping: the file holds the rounds beyond the best, and says which was.
    half = ROWS // 2
    train = xgb.DMatrix(x[:half], y[:half], feature_names=names)
    held = xgb.DMatrix(x[half:], y[half:], feature_names=names)
    parameters = {"objective": "reg:squarederror", "max_depth": 3, "eta": 0.5, "nthread": 1, "seed": 7,
                  "num_parallel_tree": 2, "subsample": 0.8}
    stopped = xgb.train(
        parameters, train, 60, evals=[(held, "held")], early_stopping_rounds=4, verbose_eval=False)
    stopped.save_model(f"{folder}/xgb_base_stopped_{version}.json")
    write(f"{folder}/xgb_base_stopped_{version}.csv", stopped, rows)
    write(f"{folder}/xgb_base_stopped_{version}.best", stopped, rows, (0, stopped.best_iteration + 1))
    print(f"xgboost {xgb.__version__}, numpy {np.__version__}: best round {stopped.best_iteration} "
          f"of {stopped.num_boosted_rounds()}")


main()

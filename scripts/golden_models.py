#!/usr/bin/env python3
"""Makes the small models and expected scores of Tests/InferenceTests/Goldens.

Needs lightgbm==4.7.0, xgboost==3.2.0 and numpy==2.4.6 (any versions that save the same formats will do,
but the files change with them):

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install lightgbm==4.7.0 xgboost==3.2.0 numpy==2.4.6
    /tmp/venv/bin/python scripts/golden_models.py Tests/InferenceTests/Goldens

Each model NAME is a file in its own format beside NAME.csv: the scores that its own library gives to the
rows of inputs.csv (inputs_finite.csv for XGBoost, whose matrices refuse infinities). LightGBM scores are
raw0.. and pred0.. in double precision, XGBoost's margin0.. and pred0.. in single. The LSTMs are computed
here, in double precision, from the definition of PyTorch's nn.LSTM. The script ends by printing versions.
"""

import json
import os
import struct
import sys

import lightgbm as lgb
import numpy as np
import xgboost as xgb

SEED = 20240229
NAMES = ["a", "b", "c", "d", "day", "symbol"]
CATEGORICAL = [4, 5]


def training(rows=1500):
    random = np.random.default_rng(SEED)
    x = random.normal(size=(rows, 6)).round(4)
    x[:, 2] = np.where(random.random(rows) < 0.3, 0.0, x[:, 2])
    x[:, 4] = random.integers(0, 7, rows)
    x[:, 5] = random.integers(0, 40, rows)
    x[random.random(x.shape) < 0.05] = np.nan
    z = np.nan_to_num(x)
    signal = z[:, 0] * z[:, 1] + np.sin(z[:, 2]) + 0.3 * (z[:, 4] == 3) + 0.1 * (z[:, 5] % 5)
    return x, signal + random.normal(scale=0.3, size=rows)


def inputs(finite):
    """Plain rows, then each feature in turn at the odd values."""
    random = np.random.default_rng(SEED + 1)
    rows = random.normal(size=(24, 6)).round(4)
    rows[:, 4] = random.integers(0, 7, 24)
    rows[:, 5] = random.integers(0, 40, 24)
    odd = [np.nan, 0.0, -0.0, 5e-324, -1e-310, 1e-36, -1e-36, 1.0000000180025095e-35, 1e-34, 1e30, -1e30]
    odd += [1e300, -1e300] if finite else [np.inf, -np.inf, 1e300]
    # Categories that no training row had, between two, and negative.
    odd += [41.0, 1000.0, 2.5, -0.5, -1.0, -3.0, 3e9]
    if finite:
        # XGBoost takes what is infinite in single precision for an infinity.
        odd = [value for value in odd if not abs(value) > 3e38]
    for feature in range(6):
        for value in odd:
            row = rows[feature].copy()
            row[feature] = value
            rows = np.vstack([rows, row])
    rows = np.vstack([rows, np.full((1, 6), np.nan), np.zeros((1, 6))])
    return rows


def number(value):
    if np.isnan(value):
        return "nan"
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    return repr(float(value)) if isinstance(value, float) else str(value)


def write_table(path, header, rows):
    with open(path, "w") as file:
        file.write(",".join(header) + "\n")
        for row in rows:
            file.write(",".join(number(value) for value in row) + "\n")


def columns(values):
    return values.reshape(len(values), -1)


def write_scores(path, first, raw, predicted):
    raw, predicted = columns(raw), columns(predicted)
    header = [f"{first}{i}" for i in range(raw.shape[1])] + [f"pred{i}" for i in range(predicted.shape[1])]
    rows = np.hstack([raw, predicted])
    write_table(path, header, [list(row) if rows.dtype == np.float32 else row.tolist() for row in rows])


def lightgbm_models(folder, x, y, rows):
    binary = (y > 0).astype(float)
    classes = np.digitize(y, [-0.5, 0.5]).astype(float)
    positive = np.exp(y / 2)
    plain = {"num_leaves": 8, "min_data_in_leaf": 10}
    cases = {
        "regression": ({"objective": "regression"}, y, True),
        "binary": ({"objective": "binary"}, binary, True),
        "multiclass": ({"objective": "multiclass", "num_class": 3}, classes, True),
        "ova": ({"objective": "multiclassova", "num_class": 3, "sigmoid": 1.7}, classes, False),
        "poisson": ({"objective": "poisson"}, positive, False),
        "sqrt": ({"objective": "regression", "reg_sqrt": True}, y, False),
        "entropy": ({"objective": "cross_entropy"}, binary, False),
        "entropy_lambda": ({"objective": "cross_entropy_lambda"}, binary, False),
        "rf": ({"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}, binary, True),
        "dart": ({"objective": "regression", "boosting": "dart", "drop_rate": 0.3}, y, False),
        "zero_missing": ({"objective": "regression", "zero_as_missing": True}, y, False),
        "no_missing": ({"objective": "regression", "use_missing": False}, y, True),
        "linear": ({"objective": "regression", "linear_tree": True, "linear_lambda": 0.1}, y, True),
        "onehot": ({"objective": "regression", "max_cat_to_onehot": 64}, y, True),
        "deep": ({"objective": "regression", "num_leaves": 90, "min_data_in_leaf": 2}, y, True),
        "wide": ({"objective": "regression", "num_leaves": 40, "min_data_in_leaf": 2}, y, True),
        "constant": ({"objective": "regression", "min_data_in_leaf": 100000}, y, False),
    }
    for name, (parameters, target, categorical) in cases.items():
        parameters = {**plain, **parameters, "verbosity": -1, "seed": 7, "num_threads": 1, "deterministic": True}
        rounds = 3 if name in ("deep", "wide", "multiclass", "ova") else 6
        data = lgb.Dataset(
            x, target, feature_name=NAMES, categorical_feature=CATEGORICAL if categorical else [], free_raw_data=False)
        booster = lgb.train(parameters, data, rounds)
        # Keep what scores: parameters and importances are notes.
        text = booster.model_to_string()
        text = text[: text.index("end of trees") + len("end of trees\n")]
        with open(f"{folder}/lgb_{name}.txt", "w") as file:
            file.write(text)
        write_scores(f"{folder}/lgb_{name}.csv", "raw", booster.predict(rows, raw_score=True), booster.predict(rows))


def xgboost_models(folder, x, y, rows):
    binary = (y > 0).astype(float)
    classes = np.digitize(y, [-0.5, 0.5]).astype(float)
    plain = {"max_depth": 3, "nthread": 1, "seed": 7, "base_score": None}
    types = ["q", "q", "q", "q", "c", "c"]
    x = x.copy()
    cases = {
        "squared": ({"objective": "reg:squarederror"}, y, False),
        "logistic": ({"objective": "binary:logistic", "base_score": 0.3}, binary, True),
        "softprob": ({"objective": "multi:softprob", "num_class": 3}, classes, False),
        "softmax": ({"objective": "multi:softmax", "num_class": 3}, classes, False),
        "poisson": ({"objective": "count:poisson"}, np.exp(y / 2), False),
        "hinge": ({"objective": "binary:hinge"}, binary, False),
        "dart": ({"objective": "reg:squarederror", "booster": "dart", "rate_drop": 0.3}, y, False),
        "forest": ({"objective": "reg:squarederror", "num_parallel_tree": 3, "subsample": 0.7}, y, False),
        "linear": ({"objective": "reg:squarederror", "booster": "gblinear"}, y, False),
        "deep": ({"objective": "reg:squarederror", "max_depth": 7, "min_child_weight": 0}, y, True),
    }
    for name, (parameters, target, categorical) in cases.items():
        parameters = {key: value for key, value in {**plain, **parameters}.items() if value is not None}
        if parameters.get("booster") == "gblinear":
            parameters = {key: value for key, value in parameters.items() if key != "max_depth"}
        kinds = types if categorical else None
        data = xgb.DMatrix(x, target, feature_names=NAMES, feature_types=kinds, enable_categorical=categorical)
        scored = xgb.DMatrix(rows, feature_names=NAMES, feature_types=kinds, enable_categorical=categorical)
        booster = xgb.train(parameters, data, {"deep": 2, "softmax": 2}.get(name, 6))
        booster.save_model(f"{folder}/xgb_{name}.json")
        if name in ("logistic", "dart", "linear"):
            booster.save_model(f"{folder}/xgb_{name}.ubj")
        write_scores(
            f"{folder}/xgb_{name}.csv", "margin", booster.predict(scored, output_margin=True), booster.predict(scored))


def sigmoid(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def run_lstm(x, weights, layers, hidden, directions):
    for layer in range(layers):
        halves = []
        for direction in range(directions):
            suffix = f"l{layer}" + ("_reverse" if direction else "")
            wi, wh, bi, bh = (
                weights[f"lstm.{part}_{suffix}"].astype(np.float64)
                for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
            h, c = np.zeros(hidden), np.zeros(hidden)
            out = np.zeros((len(x), hidden))
            for t in range(len(x))[:: -1 if direction else 1]:
                i, f, g, o = np.split(wi @ x[t] + bi + wh @ h + bh, 4)
                c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
                h = sigmoid(o) * np.tanh(c)
                out[t] = h
            halves.append(out)
        x = np.hstack(halves)
    return weights["fc.weight"].astype(np.float64) @ x[-1] + weights["fc.bias"].astype(np.float64)


def lstm_models(folder):
    cases = {
        # Odd sizes: panels of eight units that are not full, steps that do not divide by four.
        "plain": dict(inp=3, hid=5, layers=1, seq=7, out=1, act="sigmoid", bi=False),
        "stacked": dict(inp=4, hid=11, layers=2, seq=9, out=3, act="softmax", bi=False),
        "both": dict(inp=2, hid=9, layers=2, seq=6, out=2, act="none", bi=True),
    }
    for number_, (name, config) in enumerate(cases.items()):
        random = np.random.default_rng(SEED + 10 + number_)
        hidden, directions = config["hid"], 2 if config["bi"] else 1
        weights = {}
        width = config["inp"]
        for layer in range(config["layers"]):
            for suffix in [f"l{layer}", f"l{layer}_reverse"][:directions]:
                for part, shape in [
                    ("weight_ih", (4 * hidden, width)), ("weight_hh", (4 * hidden, hidden)),
                    ("bias_ih", (4 * hidden,)), ("bias_hh", (4 * hidden,))]:
                    weights[f"lstm.{part}_{suffix}"] = random.normal(scale=0.5, size=shape).astype(np.float32)
            width = hidden * directions
        weights["fc.weight"] = random.normal(size=(config["out"], width)).astype(np.float32)
        weights["fc.bias"] = random.normal(size=config["out"]).astype(np.float32)
        header, data = {"__metadata__": {"config": json.dumps(config)}}, b""
        for key, value in weights.items():
            header[key] = {
                "dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + value.nbytes]}
            data += value.tobytes()
        text = json.dumps(header).encode()
        with open(f"{folder}/lstm_{name}.safetensors", "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + data)
        windows = random.normal(size=(9, config["seq"] * config["inp"]))
        # Far out, where gates are shut or open.
        windows[7] *= 1000
        windows[8] *= 1e-8
        header = [f"x{i}" for i in range(windows.shape[1])]
        write_table(f"{folder}/lstm_{name}.inputs.csv", header, windows.tolist())
        raw = np.array([
            run_lstm(w.reshape(config["seq"], config["inp"]), weights, config["layers"], hidden, directions)
            for w in windows])
        predicted = raw
        if config["act"] == "sigmoid":
            predicted = sigmoid(raw)
        elif config["act"] == "softmax":
            powers = np.exp(raw - raw.max(axis=1, keepdims=True))
            predicted = powers / powers.sum(axis=1, keepdims=True)
        write_scores(f"{folder}/lstm_{name}.csv", "raw", raw, predicted)


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    x, y = training()
    rows, finite = inputs(finite=False), inputs(finite=True)
    write_table(f"{folder}/inputs.csv", NAMES, rows.tolist())
    write_table(f"{folder}/inputs_finite.csv", NAMES, finite.tolist())
    lightgbm_models(folder, x, y, rows)
    xgboost_models(folder, x, y, finite)
    lstm_models(folder)
    print(f"lightgbm {lgb.__version__}, xgboost {xgb.__version__}, numpy {np.__version__}")


main()

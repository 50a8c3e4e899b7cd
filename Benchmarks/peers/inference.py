#!/usr/bin/env python3
r"""Compares scoring with LightGBM, lleaves and ONNX Runtime, in CPU time, in one run, on distinct rows.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install lightgbm==4.7.0 lleaves==1.3.0 llvmlite==0.43.0 \
        onnxruntime==1.31.1 onnx numpy
    swift build --package-path Benchmarks -c release --product InferenceBench
    /tmp/venv/bin/python Benchmarks/peers/inference.py Benchmarks/.build/release/InferenceBench

Each peer runs on one thread, single rows through its fastest documented way (LightGBM:
LGBM_BoosterPredictForMatSingleRowFast, less what an empty call costs Python; ONNX Runtime: one window
per run). lleaves is measured on the batch, for which it is made. The best of five rounds counts. That
LightGBM and ONNX Runtime give our scores is checked. At last the heap allocations of 10,000 single rows
are counted. Exit 1 if a ratio is above its target. lleaves compiles for a minute or two: --no-lleaves
leaves it out.
"""

import ctypes
import json
import os
import struct
import subprocess
import sys
import tempfile
import time

import lightgbm as lgb
import numpy as np
import onnxruntime as ort

ROWS, FEATURES, ROUNDS = 10_000, 20, 5
# Ours over the peer's at most: one row, a batch.
FOREST_TARGETS = (0.40, 0.30)
LSTM_TARGET = 1.0


def best(work):
    work()
    least = float("inf")
    for _ in range(ROUNDS):
        begin = time.process_time()
        work()
        least = min(least, time.process_time() - begin)
    return least * 1e9


def ours(bench, model, rows):
    """CPU nanoseconds per row, one by one and in a batch, and the sum of the scores."""
    output = subprocess.run([bench, model, rows], check=True, capture_output=True, text=True).stdout
    _, single, batch, total = map(float, output.split())
    return single, batch, total


def allocations(bench, model, rows, counter):
    """Heap allocations of 10,000 rows more."""
    counts = []
    for count in (1_000, 11_000):
        environment = {**os.environ, "LD_PRELOAD": counter, "ONLY_ROWS": str(count)}
        error = subprocess.run(
            [bench, model, rows], check=True, capture_output=True, text=True, env=environment).stderr
        counts.append(int(error.split("allocations ")[1]))
    return counts[1] - counts[0]


class Table:
    def __init__(self):
        self.failed = False
        print(f"{'what':54} {'ours ns':>10} {'peer ns':>10} {'ratio':>7} {'target':>7}")

    def row(self, what, mine, peer, target):
        ratio = mine / peer
        self.failed |= target is not None and ratio > target
        print(f"{what:54} {mine:10.0f} {peer:10.0f} {ratio:7.3f} {target if target else '':>7}", flush=True)


def forests(folder):
    random = np.random.default_rng(1)

    def features(count):
        x = random.normal(size=(count, FEATURES))
        x[:, 18] = random.integers(0, 24, count)
        x[:, 19] = random.integers(0, 50, count)
        x[:, :18][random.random((count, 18)) < 0.01] = np.nan
        return x

    x, rows = features(20_000), features(ROWS)
    z = np.nan_to_num(x)
    y = z[:, 0] * z[:, 1] + np.sin(3 * z[:, 2]) + 0.2 * (z[:, 18] % 5) + random.normal(size=len(x))
    rows.tofile(f"{folder}/rows.f64")
    for name, parameters, target, categorical in [
        ("regression", {"objective": "regression"}, y, []),
        ("binary, categorical", {"objective": "binary"}, (y > 0).astype(float), [18, 19])]:
        parameters = {**parameters, "num_leaves": 31, "learning_rate": 0.05, "verbosity": -1, "seed": 1}
        data = lgb.Dataset(x, target, categorical_feature=categorical)
        path = f"{folder}/{name.split(',')[0]}.txt"
        lgb.train(parameters, data, 500).save_model(path)
        yield name, path, rows


def single_row_fast(booster, rows):
    library = lgb.basic._LIB
    config, length = ctypes.c_void_p(), ctypes.c_int64()
    out = (ctypes.c_double * 1)()
    raw_score, double = 1, 1
    assert library.LGBM_BoosterPredictForMatSingleRowFastInit(
        booster._handle, ctypes.c_int(raw_score), ctypes.c_int(0), ctypes.c_int(-1), ctypes.c_int(double),
        ctypes.c_int32(FEATURES), b"num_threads=1", ctypes.byref(config)) == 0
    predict = library.LGBM_BoosterPredictForMatSingleRowFast
    predict.argtypes = [ctypes.c_void_p] * 4
    start, width = rows.ctypes.data, FEATURES * 8
    length_at, out_at = ctypes.addressof(length), ctypes.addressof(out)

    def work():
        for row in range(ROWS):
            predict(config, start + row * width, length_at, out_at)

    def nothing():
        # What the loop and the call through ctypes cost by themselves.
        for row in range(ROWS):
            empty(config, start + row * width, length_at, out_at)

    # A function that does as good as nothing, called in the same way.
    empty = ctypes.CDLL(None).labs
    empty.argtypes = [ctypes.c_void_p] * 4
    return (best(work) - best(nothing)) / ROWS


def compare_forests(bench, folder, table, counter, with_lleaves):
    counts = []
    for name, path, rows in forests(folder):
        booster = lgb.Booster(model_file=path)
        single, batch, total = ours(bench, path, f"{folder}/rows.f64")
        scores = booster.predict(rows, raw_score=True, num_threads=1)
        assert abs(scores.sum() - total) < 1e-6, (scores.sum(), total)
        table.row(f"500 x 31 {name}: one row, LightGBM", single, single_row_fast(booster, rows), FOREST_TARGETS[0])
        peer = best(lambda: booster.predict(rows, raw_score=True, num_threads=1)) / ROWS
        table.row(f"500 x 31 {name}: 10k rows, LightGBM", batch, peer, FOREST_TARGETS[1])
        if with_lleaves:
            import lleaves

            compiled = lleaves.Model(model_file=path)
            compiled.compile(raw_score=True)
            peer = best(lambda: compiled.predict(rows, n_jobs=1)) / ROWS
            table.row(f"500 x 31 {name}: 10k rows, lleaves", batch, peer, None)
        counts.append((name, allocations(bench, path, f"{folder}/rows.f64", counter)))
    return counts


def lstm_files(folder, name, config):
    """The same random network as safetensors and as ONNX."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(3)
    hidden, directions = config["hid"], 2 if config["bi"] else 1
    weights, nodes, constants = {}, [], []
    width, value = config["inp"], "sequence"
    nodes.append(helper.make_node("Transpose", ["x"], [value], perm=[1, 0, 2]))

    def by_onnx(matrix):
        i, f, g, o = np.split(matrix, 4)
        return np.concatenate([i, o, f, g])

    for layer in range(config["layers"]):
        parts = {"W": [], "R": [], "B": []}
        for suffix in [f"l{layer}", f"l{layer}_reverse"][:directions]:
            shapes = [
                ("weight_ih", (4 * hidden, width)), ("weight_hh", (4 * hidden, hidden)), ("bias_ih", (4 * hidden,)),
                ("bias_hh", (4 * hidden,))]
            w, r, b, c = (
                weights.setdefault(f"lstm.{part}_{suffix}", random.normal(scale=0.2, size=shape).astype(np.float32))
                for part, shape in shapes)
            parts["W"].append(by_onnx(w))
            parts["R"].append(by_onnx(r))
            parts["B"].append(np.concatenate([by_onnx(b), by_onnx(c)]))
        for key, list_ in parts.items():
            constants.append(numpy_helper.from_array(np.stack(list_), f"{key}{layer}"))
        direction = "bidirectional" if config["bi"] else "forward"
        nodes.append(helper.make_node(
            "LSTM", [value, f"W{layer}", f"R{layer}", f"B{layer}"], [f"y{layer}"], hidden_size=hidden,
            direction=direction))
        # [steps, directions, windows, hidden] -> [steps, windows, directions * hidden]
        nodes.append(helper.make_node("Transpose", [f"y{layer}"], [f"t{layer}"], perm=[0, 2, 1, 3]))
        constants.append(numpy_helper.from_array(np.array([0, 0, -1]), f"s{layer}"))
        value = f"h{layer}"
        nodes.append(helper.make_node("Reshape", [f"t{layer}", f"s{layer}"], [value]))
        width = hidden * directions
    weights["fc.weight"] = random.normal(size=(config["out"], width)).astype(np.float32)
    weights["fc.bias"] = random.normal(size=config["out"]).astype(np.float32)
    constants += [numpy_helper.from_array(weights["fc.weight"], "fw"), numpy_helper.from_array(weights["fc.bias"], "fb")]
    constants.append(numpy_helper.from_array(np.array(config["seq"] - 1), "at"))
    nodes.append(helper.make_node("Gather", [value, "at"], ["last"], axis=0))
    nodes.append(helper.make_node("Gemm", ["last", "fw", "fb"], ["y"], transB=1))
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", config["seq"], config["inp"]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", config["out"]])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, f"{folder}/{name}.onnx")
    header, data = {"__metadata__": {"config": json.dumps(config)}}, b""
    for key, array in weights.items():
        header[key] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    with open(f"{folder}/{name}.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def compare_lstms(bench, folder, table, counter):
    counts = []
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    for name, config in {
        "small": dict(inp=8, hid=32, layers=1, seq=32, out=1, act="none", bi=False),
        "both ways": dict(inp=6, hid=16, layers=1, seq=20, out=1, act="none", bi=True),
        "two layers": dict(inp=16, hid=64, layers=2, seq=48, out=3, act="none", bi=False),
    }.items():
        lstm_files(folder, name, config)
        windows = np.random.default_rng(4).normal(size=(512, config["seq"], config["inp"])).astype(np.float32)
        windows.astype(np.float64).tofile(f"{folder}/{name}.f64")
        session = ort.InferenceSession(f"{folder}/{name}.onnx", options, providers=["CPUExecutionProvider"])
        model = f"{folder}/{name}.safetensors"
        single, batch, total = ours(bench, model, f"{folder}/{name}.f64")
        parts = [windows[i : i + 1].copy() for i in range(len(windows))]
        scores = np.concatenate([session.run(None, {"x": part})[0] for part in parts])
        assert abs(scores.sum() - total) < 1e-3, (scores.sum(), total)
        peer = best(lambda: [session.run(None, {"x": part}) for part in parts]) / len(parts)
        what = f"LSTM {name} ({config['inp']}-{config['hid']} x {config['layers']}, {config['seq']} steps)"
        table.row(f"{what}: 1", single, peer, LSTM_TARGET)
        peer = best(lambda: session.run(None, {"x": windows})) / len(windows)
        table.row(f"{what}: 512", batch, peer, None)
        counts.append((name, allocations(bench, model, f"{folder}/{name}.f64", counter)))
    return counts


def main():
    bench, with_lleaves = sys.argv[1], "--no-lleaves" not in sys.argv
    print(f"lightgbm {lgb.__version__}, onnxruntime {ort.__version__}; CPU time per row, one thread")
    with tempfile.TemporaryDirectory() as folder:
        counter = f"{folder}/count.so"
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "count_allocations.c")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", counter, source], check=True)
        table = Table()
        counts = compare_forests(bench, folder, table, counter, with_lleaves)
        counts += compare_lstms(bench, folder, table, counter)
        for name, count in counts:
            table.failed |= count > 0
            print(f"heap allocations of 10,000 rows, {name}: {count}")
    sys.exit(1 if table.failed else 0)


main()

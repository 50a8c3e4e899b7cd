#!/usr/bin/env python3
"""Is /metrics read by Prometheus's own parser, and does it say what it promises?

    scripts/check_metrics.py [--program FILE]

Needs the PyPI package prometheus_client. `carillon run` is started on a schedule of seconds; its page is asked for
twice, parsed, and held against what docs, alert rules and panels are written from: names and types, labels of the
schedule alone, histograms that add up, counters that never fall.
"""
import argparse
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

try:
    from prometheus_client.parser import text_string_to_metric_families
except ImportError:
    sys.exit("check_metrics: prometheus_client is missing: pip install prometheus_client")

ROOT = pathlib.Path(__file__).resolve().parent.parent
SETTINGS = """\
version: 1
mode: paper
database: {{ path: metrics.db }}
venues: {{ simulated: {{ kind: simulated, seed: 1 }} }}
accounts: {{ main: {{ quote: USDT, cash: "10000" }} }}
market: {{ venue: simulated, symbols: [BTC-USDT], timeframe: 1h, features: {{ roc5: roc(5) }} }}
web: {{ port: {port} }}
"""
SCHEDULES = """\
version: 1
jobs:
  tick:     { job: fetch, every: 1s, timeout: 10s, with: { history: 2d } }
  snapshot: { cron: "0 3 1 1 *", paused: true }
"""
GAUGE, COUNTER, HISTOGRAM = "gauge", "counter", "histogram"
PROMISED = {
    "carillon_build_info": GAUGE,
    "carillon_mode_info": GAUGE,
    "carillon_job_runs": COUNTER,
    "carillon_job_missed": COUNTER,
    "carillon_job_last_success_timestamp_seconds": GAUGE,
    "carillon_job_last_start_timestamp_seconds": GAUGE,
    "carillon_job_next_run_timestamp_seconds": GAUGE,
    "carillon_job_stale_after_timestamp_seconds": GAUGE,
    "carillon_job_running": GAUGE,
    "carillon_job_paused": GAUGE,
    "carillon_job_consecutive_failures": GAUGE,
    "carillon_job_duration_seconds": HISTOGRAM,
    "carillon_job_start_delay_seconds": HISTOGRAM,
    "carillon_scheduler_last_tick_timestamp_seconds": GAUGE,
    "carillon_config_last_reload_successful": GAUGE,
    "carillon_config_last_reload_success_timestamp_seconds": GAUGE,
    "carillon_candle_last_close_timestamp_seconds": GAUGE,
    "carillon_candle_gaps": GAUGE,
    "carillon_halted": GAUGE,
    "carillon_database_size_bytes": GAUGE,
    "carillon_disk_free_bytes": GAUGE,
    "carillon_http_requests": COUNTER,
    "process_start_time_seconds": GAUGE,
    "process_cpu_seconds": COUNTER,
    "process_resident_memory_bytes": GAUGE,
    "process_virtual_memory_bytes": GAUGE,
    "process_open_fds": GAUGE,
    "process_threads": GAUGE,
}


def page(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        kind = answer.headers["Content-Type"]
        assert kind == "text/plain; version=0.0.4; charset=utf-8", kind
        text = answer.read().decode()
    families = list(text_string_to_metric_families(text))
    names = [family.name for family in families]
    assert len(names) == len(set(names)), "a family is given twice"
    return {family.name: family for family in families}


def check(families):
    for name, kind in PROMISED.items():
        assert name in families, f"{name} is missing"
        assert families[name].type == kind, f"{name} is a {families[name].type}, not a {kind}"
    for family in families.values():
        assert family.documentation, f"{family.name} has no HELP"
        seen = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in family.samples]
        assert len(seen) == len(set(seen)), f"{family.name} has a sample twice"
        jobs = {sample.labels["job"] for sample in family.samples if "job" in sample.labels}
        assert jobs <= {"tick", "snapshot"}, jobs
    stale = {s.labels["job"]: s.value for s in families["carillon_job_stale_after_timestamp_seconds"].samples}
    assert stale["snapshot"] == float("inf"), "a paused job is never stale"
    assert time.time() < stale["tick"] < time.time() + 3600, stale
    for name in (name for name, kind in PROMISED.items() if kind == HISTOGRAM):
        samples = families[name].samples
        buckets = [s.value for s in samples if s.name.endswith("_bucket")]
        count = next(s.value for s in samples if s.name.endswith("_count"))
        assert buckets == sorted(buckets) and buckets[-1] == count > 0, f"{name} does not add up"


def counters(families):
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families.values() if family.type in (COUNTER, HISTOGRAM) for sample in family.samples
    }


def runs(families):
    return sum(s.value for s in families["carillon_job_runs"].samples) if "carillon_job_runs" in families else 0


def wait_for_runs(port, count, process):
    for _ in range(200):
        assert process.poll() is None, "carillon run has ended"
        try:
            families = page(port)
            if runs(families) >= count and "carillon_job_duration_seconds" in families:
                return families
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"check_metrics: no {count} runs within 20 s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=ROOT / ".build-release/release/carillon", type=pathlib.Path)
    program = parser.parse_args().program.resolve()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="carillon-metrics-") as folder:
        place = pathlib.Path(folder)
        (place / "schedules").mkdir()
        (place / "carillon.yaml").write_text(SETTINGS.format(port=port))
        (place / "schedules/carillon.yaml").write_text(SCHEDULES)
        log = (place / "run.log").open("w")
        process = subprocess.Popen([program, "run"], cwd=place, stdout=log, stderr=subprocess.STDOUT)
        try:
            first = wait_for_runs(port, 1, process)
            check(first)
            second = wait_for_runs(port, runs(first) + 1, process)
            check(second)
            after = counters(second)
            fallen = [key for key, value in counters(first).items() if after.get(key, -1) < value]
            assert not fallen, f"counters fell: {fallen}"
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=30)
        assert code == 0, f"carillon run ended with {code}"
    samples = sum(len(family.samples) for family in second.values())
    print(f"check_metrics: {len(second)} families, {samples} samples: as promised")


if __name__ == "__main__":
    main()

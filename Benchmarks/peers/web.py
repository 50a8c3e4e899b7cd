#!/usr/bin/env python3
"""Asks the service for what monitors and screens ask it, beside freqtrade.

    web.py PROGRAM FREQTRADE [REQUESTS] [ROUNDS]

Both trade on paper at the same `carillon exchange`, five symbols each, and hold something. Over one connection that stays open, one
request after the other: `/livez` beside freqtrade's `/api/v1/ping`, and `/api/v1/status` beside its `/api/v1/status` (with the token that
its own screens use); `/health`, `/` and `/metrics` stand alone. Wall time is the client's, processor time that of the process that answers.
"""
import base64
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SYMBOLS = ["BTC", "ETH", "LTC", "SOL", "BNB"]

SETTINGS = """version: 1
database: {{ path: carillon.db }}
venues: {{ box: {{ kind: binance, base-url: "{address}" }} }}
accounts: {{ main: {{ quote: USDT, cash: "1000" }} }}
market: {{ venue: box, symbols: [{symbols}], timeframe: 1h, features: {{ up: roc(1) }} }}
defaults:
  fetch: {{ history: 100h }}
  infer: {{ model: model.json }}
  rebalance: {{ top: 5, max-weight: 0.2, cash-buffer: 0.05 }}
web: {{ port: {port} }}
log: {{ level: error }}
"""
SCHEDULES = """version: 1
jobs:
  fetch: { every: 1h }
  compute: { after: fetch }
  infer: { after: compute }
  rebalance: { after: infer }
"""
MODEL = '{"kind":"linear","version":1,"name":"web","features":["up"],"weights":[1],"bias":0}'

STRATEGY = '''from freqtrade.strategy import IStrategy


class Hold(IStrategy):
    """Buys whatever it may, and holds it."""
    timeframe = "1h"
    minimal_roi = {"0": 10}
    stoploss = -0.99

    def populate_indicators(self, dataframe, metadata):
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe["enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe["exit_long"] = 0
        return dataframe
'''


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def freqtrade_settings(address, port):
    """What freqtrade needs to trade on paper at another address than Binance's."""
    routes = {"public": "/api/v3", "private": "/api/v3", "v1": "/api/v1", "sapi": "/sapi/v1", "sapiV2": "/sapi/v2", "sapiV3": "/sapi/v3",
              "fapiPublic": "/fapi/v1", "fapiPrivate": "/fapi/v1", "dapiPublic": "/dapi/v1", "eapiPublic": "/eapi/v1"}
    price = {"price_side": "same", "use_order_book": False}
    return {
        "max_open_trades": len(SYMBOLS), "stake_currency": "USDT", "stake_amount": 100, "dry_run": True, "dry_run_wallet": 1000,
        "timeframe": "1h", "trading_mode": "spot", "cancel_open_orders_on_exit": False, "entry_pricing": price, "exit_pricing": price,
        "exchange": {"name": "binance", "key": "key", "secret": "c2VjcmV0c2VjcmV0", "enable_ws": False,
                     "ccxt_config": {"urls": {"api": {name: address + path for name, path in routes.items()}}},
                     "pair_whitelist": [f"{symbol}/USDT" for symbol in SYMBOLS], "pair_blacklist": []},
        "pairlists": [{"method": "StaticPairList"}],
        "api_server": {"enabled": True, "listen_ip_address": "127.0.0.1", "listen_port": port, "username": "u", "password": "p",
                       "jwt_secret_key": "0" * 40, "verbosity": "error"},
        "internals": {"process_throttle_secs": 5}, "bot_name": "peer", "initial_state": "running"}


def ask(port, path, headers=None, method="GET", link=None):
    link = link or http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request(method, path, headers=headers or {})
    answer = link.getresponse()
    return answer.status, answer.read()


def until(what, seconds, holds):
    for _ in range(seconds * 5):
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"web.py: not within {seconds} s: {what}")


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(process, port, path, headers, requests):
    """Microseconds of each request, microseconds of the server's processor for one, bytes of an answer."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(20):
        status, body = ask(port, path, headers, link=link)
        if status != 200:
            raise SystemExit(f"web.py: {path} answered {status}: {body[:200]!r}")
    began, times = processor_seconds(process.pid), []
    for _ in range(requests):
        start = time.perf_counter()
        ask(port, path, headers, link=link)
        times.append((time.perf_counter() - start) * 1e6)
    cost = (processor_seconds(process.pid) - began) / requests * 1e6
    link.close()
    return times, cost, len(body)


def main():
    program, freqtrade = (str(pathlib.Path(p).resolve()) for p in sys.argv[1:3])
    requests = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    root = pathlib.Path(tempfile.mkdtemp(prefix="web-bench-"))
    ours_home, peer_home = root / "ours", root / "peer"
    (ours_home / "schedules").mkdir(parents=True)
    (peer_home / "user_data/strategies").mkdir(parents=True)
    started = []

    def start(command, cwd, **options):
        started.append(subprocess.Popen(command, cwd=cwd, **options))
        return started[-1]

    try:
        box = start([program, "exchange", "--venue", "binance", "--port", "0"], root, stdout=subprocess.PIPE, text=True,
                    stderr=subprocess.DEVNULL)
        address, port, peer_port = box.stdout.readline().strip(), free_port(), free_port()
        (ours_home / "carillon.yaml").write_text(SETTINGS.format(
            address=address, port=port, symbols=", ".join(f"{s}-USDT" for s in SYMBOLS)))
        (ours_home / "schedules/carillon.yaml").write_text(SCHEDULES)
        (ours_home / "model.json").write_text(MODEL)
        with (root / "chain.log").open("w") as log:
            for job in ("fetch", "compute", "infer", "rebalance"):
                if subprocess.run([program, "job", "run", job], cwd=ours_home, stdout=log, stderr=log).returncode:
                    raise SystemExit((root / "chain.log").read_text())
        (peer_home / "user_data/strategies/hold.py").write_text(STRATEGY)
        (peer_home / "config.json").write_text(json.dumps(freqtrade_settings(address, peer_port)))
        with (root / "log").open("w") as log:
            began = time.monotonic()
            ours = start([program, "run"], ours_home, stdout=log, stderr=log)
            until("carillon answers", 30, lambda: ask(port, "/readyz")[0] in (200, 503))
            our_start = time.monotonic() - began
            began = time.monotonic()
            peer = start([freqtrade, "trade", "-c", "config.json", "--userdir", "user_data", "--strategy", "Hold"], peer_home,
                         stdout=log, stderr=log)
            until("freqtrade answers", 120, lambda: ask(peer_port, "/api/v1/ping")[0] == 200)
            peer_start = time.monotonic() - began
        basic = {"Authorization": "Basic " + base64.b64encode(b"u:p").decode()}
        token = json.loads(ask(peer_port, "/api/v1/token/login", basic, "POST")[1])["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        until("freqtrade holds something", 120, lambda: json.loads(ask(peer_port, "/api/v1/status", bearer)[1]))
        held = json.loads(ask(port, "/api/v1/portfolio")[1])
        if not [h for h in held["accounts"][0]["holdings"] if h["asset"] != "USDT"]:
            raise SystemExit(f"web.py: carillon holds nothing: {held}")
        rows = [("ping", ours, port, "/livez", None), ("ping", peer, peer_port, "/api/v1/ping", None),
                ("health", ours, port, "/health", None),
                ("status", ours, port, "/api/v1/status", None), ("status", peer, peer_port, "/api/v1/status", bearer),
                ("page", ours, port, "/", None), ("metrics", ours, port, "/metrics", None)]
        figures = {row[0:1] + row[3:4] + (row[1].pid,): ([], [], []) for row in rows}
        for _ in range(rounds):
            for what, process, at, path, headers in rows:
                times, cost, size = measure(process, at, path, headers, requests)
                kept = figures[what, path, process.pid]
                kept[0].extend(times)
                kept[1].append(cost)
                kept[2].append(size)
        print(f"\n{requests} requests in each of {rounds} rounds, one after the other\n")
        print("| what | side | p50 us | p99 us | CPU us | bytes | CPU, to ours |\n|---|---|---:|---:|---:|---:|---:|")
        base = {what: statistics.median(costs) for (what, _, pid), (_, costs, _) in figures.items() if pid == ours.pid}
        for (what, path, pid), (times, costs, sizes) in figures.items():
            cost, side = statistics.median(costs), "ours" if pid == ours.pid else "freqtrade"
            cut = statistics.quantiles(times, n=100)
            print(f"| {what} | {side}, `{path}` | {statistics.median(times):.0f} | {cut[98]:.0f} | {cost:.0f} | "
                  f"{sizes[-1]} | {cost / base[what]:.2f} |")
        print(f"\nfrom start to the first answer: ours {our_start:.2f} s, freqtrade {peer_start:.2f} s; resident now: ours "
              f"{resident_megabytes(ours.pid):.0f} MB, freqtrade {resident_megabytes(peer.pid):.0f} MB")
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
        for process in started:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()

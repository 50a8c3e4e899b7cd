#!/usr/bin/env python3
"""Write Grafana's dashboard from one table of panels.

    scripts/generate_grafana.py            writes deploy/grafana/dashboards/carillon.json
    scripts/generate_grafana.py --check    says whether the file is what the table says

The table is PANELS: a row is a panel with its place, its queries and how they are drawn. Its queries are run against a real Prometheus by
scripts/checks/monitoring. `$account` and `$symbol` are variables, which may stand for several or all.
"""
import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE = ROOT / "deploy/grafana/dashboards/carillon.json"
UID = "carillon"
DATASOURCE = {"type": "prometheus", "uid": "carillon-prometheus"}
ACCOUNT, SYMBOL = 'account=~"$account"', 'symbol=~"$symbol"'

ONOFF = [("0", "no", "green"), ("1", "yes", "red")]
UPDOWN = [("0", "down", "red"), ("1", "up", "green")]
STATES = [("0", "waiting", "blue"), ("1", "running", "green"), ("2", "paused", "yellow"), ("3", "failing", "orange"),
          ("4", "stale", "red")]
# How a job stands, the worst first: stale, failing, paused, running, waiting.
STATE = ("(4 * (time() > bool carillon_job_stale_after_timestamp_seconds) > 0)"
         " or (3 * (carillon_job_consecutive_failures > bool 0) > 0)"
         " or (2 * carillon_job_paused > 0) or carillon_job_running")
# One line of growth: what it is now by what it was when the shown time begins.
GROWTH = f"carillon_portfolio_equity{{{ACCOUNT}}} / (carillon_portfolio_equity{{{ACCOUNT}}} @ start()) - 1"
HOLD = f"avg(carillon_candle_close_price{{{SYMBOL}}} / (carillon_candle_close_price{{{SYMBOL}}} @ start())) - 1"


def q(expression, legend, **more):
    return {"expr": expression, "legendFormat": legend, **more}


def quantile(part, family, by):
    return f"histogram_quantile({part}, sum by (le, {by}) (rate({family}_bucket[$__rate_interval])))"


# kind, title, what it tells, width (of 24), height, unit, queries, and more.
PANELS = [
    ("row", "Standing"),
    ("stat", "System status", "Whether Prometheus reaches Carillon, and whether its loop turns.", 4, 4, "none",
     [q('up{job="carillon"}', "scrape"),
      q("time() - carillon_scheduler_last_tick_timestamp_seconds < bool 180", "loop"),
      q("carillon_config_last_reload_successful", "schedule")], {"map": UPDOWN}),
    ("stat", "Halted", "Whether trading is halted.", 3, 4, "none", [q("carillon_halted", "halted")], {"map": ONOFF}),
    ("stat", "Daily profit and loss", "Against the equity that the day of the limits of risk began with.", 5, 4, "percentunit",
     [q(f"carillon_portfolio_equity{{{ACCOUNT}}} / carillon_portfolio_day_start_equity{{{ACCOUNT}}} - 1", "{{account}}")],
     {"color": "loss"}),
    ("stat", "Positions", "How many instruments are held.", 3, 4, "none",
     [q(f"count by (account) (carillon_position_value{{{ACCOUNT}}} > 0)", "{{account}}")]),
    ("stat", "Open alerts", "Carillon's own alerts that are not over.", 4, 4, "none",
     [q('carillon_alerts_open{severity!="info"}', "{{severity}}")]),
    ("stat", "Newest snapshot", "How long ago the newest snapshot was taken, and proved.", 5, 4, "s",
     [q("time() - carillon_snapshot_last_success_timestamp_seconds", "taken"),
      q("time() - carillon_snapshot_last_verified_timestamp_seconds", "proved")]),
    ("row", "Money"),
    ("timeseries", "Profit over time", "What was earned on what is held and on what was closed, in the account's currency.", 12, 8,
     "none", [q(f"carillon_portfolio_unrealized_pnl{{{ACCOUNT}}}", "{{account}} held"),
              q(f"carillon_portfolio_realized_pnl{{{ACCOUNT}}}", "{{account}} closed")]),
    ("timeseries", "Equity against holding", "Growth since the shown time begins, beside the average of the chosen symbols.", 12, 8,
     "percentunit", [q(GROWTH, "{{account}}"), q(HOLD, "holding")]),
    ("timeseries", "Positions by symbol", "The value of what is held, in the account's currency.", 12, 8, "none",
     [q(f"carillon_position_value{{{ACCOUNT},{SYMBOL}}} > 0", "{{symbol}}")], {"stack": True}),
    ("bargauge", "Weight and target", "What is held and what should be, as a part of the equity.", 6, 8, "percentunit",
     [q(f"carillon_position_weight_ratio{{{ACCOUNT},{SYMBOL}}}", "{{symbol}} held"),
      q(f"carillon_position_target_ratio{{{ACCOUNT},{SYMBOL}}}", "{{symbol}} wanted")], {"instant": True}),
    ("bargauge", "Limits of risk", "How much of each limit is used; at 100 % it acts.", 6, 8, "percentunit",
     [q(f"carillon_risk_limit_used{{{ACCOUNT}}} / (carillon_risk_limit{{{ACCOUNT}}} > 0)", "{{limit}}")],
     {"instant": True, "color": "used"}),
    ("row", "Jobs"),
    ("state-timeline", "Job states", "How each job stood.", 24, 8, "none", [q(STATE, "{{job}}")], {"map": STATES}),
    ("timeseries", "Staleness", "How long until a job is stale; below zero it is.", 12, 7, "s",
     [q("(carillon_job_stale_after_timestamp_seconds < +Inf) - time()", "{{job}}")]),
    ("timeseries", "Lateness", "How late runs start after their slot: 95 of 100 are earlier.", 12, 7, "s",
     [q(quantile(0.95, "carillon_job_start_delay_seconds", "job"), "{{job}}")]),
    ("row", "Orders and exchanges"),
    ("timeseries", "Order flow", "Orders that ended, and trades, in an hour.", 12, 7, "none",
     [q(f"increase(carillon_orders_total{{{ACCOUNT}}}[1h])", "{{account}} {{result}}"),
      q(f"increase(carillon_trades_total{{{ACCOUNT}}}[1h])", "{{account}} {{side}}")]),
    ("timeseries", "Errors", "What went wrong, a minute: runs, requests to exchanges, answers, messages.", 12, 7, "none",
     [q('sum by (job) (rate(carillon_job_runs_total{result=~"failed|timed-out"}[$__rate_interval])) * 60', "job {{job}}"),
      q('sum by (venue, result) (rate(carillon_exchange_requests_total{result!="ok"}[$__rate_interval])) * 60',
        "{{venue}} {{result}}", may_be_empty=True),
      q('sum by (route) (rate(carillon_http_requests_total{code=~"5.."}[$__rate_interval])) * 60', "{{route}}",
        may_be_empty=True),
      q("sum by (channel) (rate(carillon_notifications_total{result=\"dropped\"}[$__rate_interval])) * 60", "{{channel}}")]),
    ("timeseries", "Latency of exchanges, p95 and p99", "From sending to the end of the answer.", 12, 7, "s",
     [q(quantile(0.95, "carillon_exchange_request_duration_seconds", "venue"), "{{venue}} p95"),
      q(quantile(0.99, "carillon_exchange_request_duration_seconds", "venue"), "{{venue}} p99")]),
    ("timeseries", "Latency of answers, p95 and p99", "Pages, probes and metrics.", 12, 7, "s",
     [q("histogram_quantile(0.95, sum by (le) (rate(carillon_http_request_duration_seconds_bucket[$__rate_interval])))", "p95"),
      q("histogram_quantile(0.99, sum by (le) (rate(carillon_http_request_duration_seconds_bucket[$__rate_interval])))", "p99")]),
    ("row", "Process"),
    ("timeseries", "CPU", "Processor time used; 1 is one core.", 8, 7, "percentunit",
     [q('rate(process_cpu_seconds_total{job="carillon"}[$__rate_interval])', "carillon")]),
    ("timeseries", "Memory", "In RAM.", 8, 7, "bytes", [q('process_resident_memory_bytes{job="carillon"}', "carillon")]),
    ("timeseries", "Disk", "The database and the room that is left.", 8, 7, "bytes",
     [q("carillon_database_size_bytes", "database"), q("carillon_disk_free_bytes", "free")]),
    ("state-timeline", "Component health", "What stands and what does not.", 24, 6, "none",
     [q('up{job="carillon"}', "Carillon"),
      q("time() - carillon_scheduler_last_tick_timestamp_seconds < bool 180", "scheduler"),
      q("carillon_config_last_reload_successful", "schedules file"),
      q("carillon_disk_free_bytes > bool 67108864", "disk"),
      q("min by (channel) (carillon_notifications_pending < bool 10)", "channel {{channel}}"),
      q("min by (account) (carillon_reconcile_mismatches == bool 0)", "books of {{account}}"),
      q('up{job="prometheus"}', "Prometheus")], {"map": UPDOWN}),
]

# Marks on all panels: what happened, by a figure that moved.
ANNOTATIONS = [
    ("Trades", "purple", f"sum by (account, side) (increase(carillon_trades_total{{{ACCOUNT}}}[1m])) > 0", "{{account}} {{side}}"),
    ("Halts", "red", "sum by (source) (increase(carillon_halts_total[1m])) > 0", "halted by {{source}}"),
    ("Deployments", "blue", "increase(carillon_deployments_total[1m]) > 0", "deployed"),
]


def mappings(rows):
    options = {value: {"text": text, "color": color, "index": index} for index, (value, text, color) in enumerate(rows)}
    return [{"type": "value", "options": options}]


def panel(number, row, x, y):
    kind, title, tells, width, height, unit, queries, *rest = row
    more = rest[0] if rest else {}
    defaults = {"unit": unit, "custom": {}}
    if "map" in more:
        defaults["mappings"] = mappings(more["map"])
        defaults["color"] = {"mode": "thresholds"}
        defaults["noValue"] = "unknown"
    if more.get("color") == "loss":
        defaults["thresholds"] = {"mode": "absolute", "steps": [{"color": "orange", "value": None}, {"color": "blue", "value": 0}]}
    if more.get("color") == "used":
        defaults.update(min=0, max=1, thresholds={"mode": "absolute", "steps": [
            {"color": "green", "value": None}, {"color": "yellow", "value": 0.8}, {"color": "red", "value": 1}]})
    if more.get("stack"):
        defaults["custom"] = {"stacking": {"mode": "normal"}, "fillOpacity": 30}
    targets = []
    for letter, query in zip("ABCDEFGHIJ", queries):
        query = {key: value for key, value in query.items() if key != "may_be_empty"}
        targets.append({"refId": letter, "datasource": DATASOURCE, **query,
                        **({"instant": True, "range": False} if more.get("instant") else {})})
    return {"id": number, "type": kind, "title": title, "description": tells, "datasource": DATASOURCE, "targets": targets,
            "gridPos": {"x": x, "y": y, "w": width, "h": height}, "fieldConfig": {"defaults": defaults, "overrides": []}}


def variable(name, label, query):
    return {"name": name, "label": label, "type": "query", "datasource": DATASOURCE, "query": {"query": query, "refId": name},
            "definition": query, "refresh": 2, "multi": True, "includeAll": True, "allValue": ".*", "sort": 1,
            "current": {"text": "All", "value": "$__all"}}


def dashboard():
    panels, x, y, deepest = [], 0, 0, 0
    for number, row in enumerate(PANELS, 1):
        if row[0] == "row":
            y, x = y + deepest, 0
            panels.append({"id": number, "type": "row", "title": row[1], "collapsed": False, "panels": [],
                           "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}})
            y, deepest = y + 1, 0
            continue
        if x + row[3] > 24:
            x, y, deepest = 0, y + deepest, 0
        panels.append(panel(number, row, x, y))
        x, deepest = x + row[3], max(deepest, row[4])
    marks = [{"name": name, "enable": True, "iconColor": color, "datasource": DATASOURCE, "expr": expression, "step": "60s",
              "titleFormat": title, "useValueForTime": False} for name, color, expression, title in ANNOTATIONS]
    return {
        "uid": UID, "title": "Carillon", "tags": ["carillon"], "schemaVersion": 37, "version": 1, "editable": False,
        "timezone": "utc", "refresh": "30s", "time": {"from": "now-6h", "to": "now"}, "graphTooltip": 1,
        "annotations": {"list": marks},
        "templating": {"list": [
            variable("account", "Account", "label_values(carillon_portfolio_equity, account)"),
            variable("symbol", "Symbol", "label_values(carillon_candle_close_price, symbol)")]},
        "panels": panels,
    }


def optional():
    """The queries that may well have no answer: where nothing goes wrong there is no series of errors."""
    return {query["expr"] for row in PANELS if row[0] != "row" for query in row[6] if query.get("may_be_empty")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    text = json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"
    if parser.parse_args().check:
        if not FILE.exists() or FILE.read_text() != text:
            sys.exit(f"grafana: {FILE} is not what the table says: scripts/generate_grafana.py writes it")
        return
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text)


if __name__ == "__main__":
    main()

import Domain
import Jobs
import Store
import Testing

@testable import Service

/// The exporter's text against one written by hand.
@Suite struct MetricsTests {
  static let time = Instant(rfc3339: "2026-11-20T14:01:00Z")!  // 1795183260 s

  static func facts() -> MetricsFacts {
    var facts = MetricsFacts(version: "1.2.0", mode: "paper")
    var histograms = Vitals.RunFigures()
    histograms.durations.observe(.milliseconds(100))
    histograms.durations.observe(.milliseconds(101))
    histograms.durations.observe(.hours(2))
    histograms.delays.observe(.milliseconds(-5))
    var fetch = MetricsFacts.JobFigures(name: "fetch")
    fetch.totals = [(.succeeded, .cron, 41), (.missed, .catchup, 2), (.missed, .cron, 1)]
    fetch.lastSuccess = time + .milliseconds(4250)
    fetch.next = time + .hours(1)
    fetch.staleAfter = time + .hours(1) + .minutes(15)
    fetch.isRunning = true
    fetch.runs = histograms
    var snapshot = MetricsFacts.JobFigures(name: "snapshot")
    snapshot.isPaused = true
    snapshot.staleAfter = time
    snapshot.consecutiveFailures = 3
    facts.jobs = [fetch, snapshot]
    facts.reload = ("a \"b\"\\c\nd.yaml", false, time)
    facts.series = [
      .init(
        series: Series(
          venue: "csv", symbol: Symbol("BTC-USDT")!, timeframe: .hour), lastClose: time,
        age: 1.25, missing: 2)
    ]
    facts.deployments = 1
    facts.alerts = [.warning: 2, .critical: 1]
    var mail = DeliveryFigures()
    (mail.sent, mail.dropped, mail.pending) = (7, 1, 3)
    facts.channels = ["mail": mail]
    facts.accounts = [
      .init(
        name: "main", currency: "USDT", mode: "paper", equity: Amount("10412.38"),
        cash: Amount("2139.44"), orders: [(.open, 1), (.filled, 7)])
    ]
    return facts
  }

  static let page = #"""
    # HELP carillon_build_info The version that runs; always 1.
    # TYPE carillon_build_info gauge
    carillon_build_info{version="1.2.0"} 1
    # HELP carillon_mode_info How orders of an account are executed; always 1.
    # TYPE carillon_mode_info gauge
    carillon_mode_info{mode="paper",account="main"} 1
    # HELP carillon_job_runs_total Slots that ended, by result and by what made them due, since the database was made.
    # TYPE carillon_job_runs_total counter
    carillon_job_runs_total{job="fetch",result="succeeded",trigger="cron"} 41
    carillon_job_runs_total{job="fetch",result="missed",trigger="catchup"} 2
    carillon_job_runs_total{job="fetch",result="missed",trigger="cron"} 1
    # HELP carillon_job_missed_total Slots that were too late to run, since the database was made.
    # TYPE carillon_job_missed_total counter
    carillon_job_missed_total{job="fetch"} 3
    carillon_job_missed_total{job="snapshot"} 0
    # HELP carillon_job_last_success_timestamp_seconds When the newest success of a job ended.
    # TYPE carillon_job_last_success_timestamp_seconds gauge
    carillon_job_last_success_timestamp_seconds{job="fetch"} 1795183264.25
    # HELP carillon_job_next_run_timestamp_seconds The next slot of a job, or of the head of its chain; none while it is paused.
    # TYPE carillon_job_next_run_timestamp_seconds gauge
    carillon_job_next_run_timestamp_seconds{job="fetch"} 1795186860
    # HELP carillon_job_stale_after_timestamp_seconds When a job becomes stale unless it succeeds before: due, time allowed and grace; +Inf when paused.
    # TYPE carillon_job_stale_after_timestamp_seconds gauge
    carillon_job_stale_after_timestamp_seconds{job="fetch"} 1795187760
    carillon_job_stale_after_timestamp_seconds{job="snapshot"} +Inf
    # HELP carillon_job_running Whether a run of a job is under way.
    # TYPE carillon_job_running gauge
    carillon_job_running{job="fetch"} 1
    carillon_job_running{job="snapshot"} 0
    # HELP carillon_job_paused Whether a job, or one before it, is paused.
    # TYPE carillon_job_paused gauge
    carillon_job_paused{job="fetch"} 0
    carillon_job_paused{job="snapshot"} 1
    # HELP carillon_job_consecutive_failures How many of the newest runs of a job failed in a row.
    # TYPE carillon_job_consecutive_failures gauge
    carillon_job_consecutive_failures{job="fetch"} 0
    carillon_job_consecutive_failures{job="snapshot"} 3
    # HELP carillon_job_duration_seconds How long runs took from claim to end, since this process started.
    # TYPE carillon_job_duration_seconds histogram
    carillon_job_duration_seconds_bucket{job="fetch",le="0.1"} 1
    carillon_job_duration_seconds_bucket{job="fetch",le="0.5"} 2
    carillon_job_duration_seconds_bucket{job="fetch",le="1"} 2
    carillon_job_duration_seconds_bucket{job="fetch",le="5"} 2
    carillon_job_duration_seconds_bucket{job="fetch",le="10"} 2
    carillon_job_duration_seconds_bucket{job="fetch",le="30"} 2
    carillon_job_duration_seconds_bucket{job="fetch",le="60"} 2
    carillon_job_duration_seconds_bucket{job="fetch",le="120"} 2
    carillon_job_duration_seconds_bucket{job="fetch",le="300"} 2
    carillon_job_duration_seconds_bucket{job="fetch",le="900"} 2
    carillon_job_duration_seconds_bucket{job="fetch",le="3600"} 2
    carillon_job_duration_seconds_bucket{job="fetch",le="+Inf"} 3
    carillon_job_duration_seconds_sum{job="fetch"} 7200.201
    carillon_job_duration_seconds_count{job="fetch"} 3
    # HELP carillon_job_start_delay_seconds How long after its slot a run started, since this process started.
    # TYPE carillon_job_start_delay_seconds histogram
    carillon_job_start_delay_seconds_bucket{job="fetch",le="0.01"} 1
    carillon_job_start_delay_seconds_bucket{job="fetch",le="0.05"} 1
    carillon_job_start_delay_seconds_bucket{job="fetch",le="0.1"} 1
    carillon_job_start_delay_seconds_bucket{job="fetch",le="0.5"} 1
    carillon_job_start_delay_seconds_bucket{job="fetch",le="1"} 1
    carillon_job_start_delay_seconds_bucket{job="fetch",le="5"} 1
    carillon_job_start_delay_seconds_bucket{job="fetch",le="30"} 1
    carillon_job_start_delay_seconds_bucket{job="fetch",le="60"} 1
    carillon_job_start_delay_seconds_bucket{job="fetch",le="300"} 1
    carillon_job_start_delay_seconds_bucket{job="fetch",le="900"} 1
    carillon_job_start_delay_seconds_bucket{job="fetch",le="+Inf"} 1
    carillon_job_start_delay_seconds_sum{job="fetch"} 0
    carillon_job_start_delay_seconds_count{job="fetch"} 1
    # HELP carillon_config_last_reload_successful Whether the schedules file as it stands is followed.
    # TYPE carillon_config_last_reload_successful gauge
    carillon_config_last_reload_successful{file="a \"b\"\\c\nd.yaml"} 0
    # HELP carillon_config_last_reload_success_timestamp_seconds When the schedule that is followed was read.
    # TYPE carillon_config_last_reload_success_timestamp_seconds gauge
    carillon_config_last_reload_success_timestamp_seconds{file="a \"b\"\\c\nd.yaml"} 1795183260
    # HELP carillon_candle_last_close_timestamp_seconds When the newest candle of a series closed.
    # TYPE carillon_candle_last_close_timestamp_seconds gauge
    carillon_candle_last_close_timestamp_seconds{venue="csv",symbol="BTC-USDT",interval="1h"} 1795183260
    # HELP carillon_candle_age_intervals How long ago the newest candle of a series closed, in its intervals of the market's time.
    # TYPE carillon_candle_age_intervals gauge
    carillon_candle_age_intervals{venue="csv",symbol="BTC-USDT",interval="1h"} 1.25
    # HELP carillon_candle_gaps Candles that are missing among the newest 1000 of a series.
    # TYPE carillon_candle_gaps gauge
    carillon_candle_gaps{venue="csv",symbol="BTC-USDT",interval="1h"} 2
    # HELP carillon_portfolio_equity Cash and positions of an account, at last valuation.
    # TYPE carillon_portfolio_equity gauge
    carillon_portfolio_equity{account="main",currency="USDT"} 10412.38
    # HELP carillon_portfolio_cash Cash of an account, at last valuation.
    # TYPE carillon_portfolio_cash gauge
    carillon_portfolio_cash{account="main",currency="USDT"} 2139.44
    # HELP carillon_orders_total Orders that came to an end, by result.
    # TYPE carillon_orders_total counter
    carillon_orders_total{account="main",result="filled"} 7
    # HELP carillon_orders_open Orders that may still be filled.
    # TYPE carillon_orders_open gauge
    carillon_orders_open{account="main"} 1
    # HELP carillon_orders_in_doubt Orders of which it is not known whether the venue has them.
    # TYPE carillon_orders_in_doubt gauge
    carillon_orders_in_doubt{account="main"} 0
    # HELP carillon_reconcile_mismatches Whether books and venue of an account cannot be brought together.
    # TYPE carillon_reconcile_mismatches gauge
    carillon_reconcile_mismatches{account="main"} 0
    # HELP carillon_halted Whether a halt of trading is in force.
    # TYPE carillon_halted gauge
    carillon_halted 0
    # HELP carillon_halts_total Halts by who ordered them, since the database was made.
    # TYPE carillon_halts_total counter
    carillon_halts_total{source="cli"} 0
    carillon_halts_total{source="web"} 0
    carillon_halts_total{source="telegram"} 0
    carillon_halts_total{source="risk"} 0
    carillon_halts_total{source="reconcile"} 0
    carillon_halts_total{source="on-failure"} 0
    carillon_halts_total{source="halt file"} 0
    carillon_halts_total{source="other"} 0
    # HELP carillon_deployments_total Deployments and returns to an earlier one that scripts have noted in the audit.
    # TYPE carillon_deployments_total counter
    carillon_deployments_total 1
    # HELP carillon_alerts_open Alerts that are not over.
    # TYPE carillon_alerts_open gauge
    carillon_alerts_open{severity="info"} 0
    carillon_alerts_open{severity="warning"} 2
    carillon_alerts_open{severity="critical"} 1
    # HELP carillon_notifications_total Messages that a channel took or that were given up, since the database was made.
    # TYPE carillon_notifications_total counter
    carillon_notifications_total{channel="mail",result="sent"} 7
    carillon_notifications_total{channel="mail",result="dropped"} 1
    # HELP carillon_notifications_pending Messages that wait for a channel.
    # TYPE carillon_notifications_pending gauge
    carillon_notifications_pending{channel="mail"} 3

    """#

  @Test func writesThePage() {
    let lines = Self.facts().page(.prometheus).split(
      separator: "\n", omittingEmptySubsequences: false)
    let expected = Self.page.split(separator: "\n", omittingEmptySubsequences: false)
    for (line, expected) in zip(lines, expected) { #expect(line == expected) }
    #expect(lines.count == expected.count)
  }

  /// proc(5): the name of a process may hold spaces and parentheses.
  @Test func readsTheSystemsFigures() throws {
    let stat =
      "42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 1100 12 13 14 20 0 17 0 900 81920000 5000 99 1 1\n"
    let fields = try #require(ProcessFigures.fields(ofStat: stat))
    #expect(fields.ticks == 1112)
    #expect(fields.threads == 17)
    #expect(fields.virtualBytes == 81_920_000)
    #expect(fields.residentPages == 5000)
    #expect(ProcessFigures.fields(ofStat: "42 (a") == nil)
    let now = try #require(ProcessFigures.read())
    #expect(now.threads > 0 && now.openFiles > 2)
    #expect(now.virtualBytes >= now.residentBytes && now.residentBytes > 0)
  }
}

import Disk
import Domain
import Net
import Store
import Testing

@testable import Portfolio
@testable import Service

/// Every family, in both formats, and the reference that promises them.
@Suite struct MetricsFamiliesTests {
  /// Facts in which every family has a sample.
  private static func allFacts() -> MetricsFacts {
    var facts = MetricsTests.facts()
    let time = MetricsTests.time
    facts.jobs[0].lastStart = time
    facts.jobs[0].model = ("gbm", "first", "9f2c")
    facts.jobs[0].scores = [(Symbol("BTC-USDT")!, 0.625)]
    facts.jobs[0].runs?.scoring.observe(.milliseconds(7))
    facts.series[0].price = 91_200.5
    (facts.lastTurn, facts.started, facts.databaseBytes) = (time, time, 1)
    facts.snapshot = (time, time, 1)
    facts.remote = (time, time)
    facts.isDrillGood = true
    var shipping = ShippingState(interval: .seconds(10))
    (shipping.through, shipping.remoteThrough, shipping.spoolBytes, shipping.cuts) = (
      time, time, 77, 2
    )
    facts.shipping = shipping
    facts.disk = DiskSpace(freeBytes: 1)
    facts.requests = [.init(route: "/", code: 200): 1]
    var answers = Histogram(boundsMilliseconds: Histogram.answerBoundsMilliseconds)
    answers.observe(.milliseconds(5))
    facts.answers = ["/": answers]
    facts.process = ProcessFigures(
      residentBytes: 1, virtualBytes: 1, processorTime: .seconds(1), openFiles: 1, threads: 1)
    var calls = ExchangeMeter.Figures()
    calls.results = [.ok: 2, .limited: 1]
    calls.durations.observe(.milliseconds(250))
    facts.calls = [.init(venue: "binance", endpoint: "GET /api/v3/klines"): calls]
    facts.skews = ["binance": .milliseconds(-1500)]
    facts.halts = ["risk": 1, "somebody": 2]
    var totals = TradingTotals.Account()
    (totals.trades, totals.realised) = ([.buy: 3], Amount("-1.5")!)
    (totals.fees, totals.decisions) = (["USDT": Amount("0.25")!], [.buy: 3])
    totals.holds = [.tooSmall: 4]
    facts.accounts[0].totals = totals
    facts.accounts[0].unrealised = Amount("12.5")
    facts.accounts[0].drawdown = Amount("0.018")
    facts.accounts[0].isMismatched = true
    facts.accounts[0].baseline = RiskBaseline(
      dayStart: time, dayEquity: Amount(10_400), peak: Amount(10_603), last: Amount(10_412),
      seen: time, losingDays: 0, tripped: [:])
    facts.accounts[0].limits = [
      .init(
        limit: RiskLimit(.drawdown, bound: Amount("0.1")!, action: .cancelOrders),
        used: Amount("0.018"), since: nil)
    ]
    facts.accounts[0].positions = [
      .init(
        symbol: "BTC-USDT", value: Amount("4751.52"), weight: Amount("0.456"),
        target: Amount("0.45"))
    ]
    return facts
  }

  @Test(arguments: [
    #"carillon_candle_close_price{venue="csv",symbol="BTC-USDT",interval="1h"} 91200.5"#,
    "carillon_snapshot_drill_last_successful 1",
    "carillon_shipping_spool_bytes 77",
    "carillon_shipping_cuts_total 2",
    #"carillon_model_info{job="fetch",kind="gbm",name="first",sha256="9f2c"} 1"#,
    #"carillon_signal_score{job="fetch",symbol="BTC-USDT"} 0.625"#,
    #"carillon_inference_duration_seconds_bucket{job="fetch",le="0.005"} 0"#,
    #"carillon_inference_duration_seconds_bucket{job="fetch",le="0.01"} 1"#,
    #"carillon_exchange_requests_total{venue="binance",endpoint="GET /api/v3/klines",result="limited"} 1"#,
    #"carillon_exchange_request_duration_seconds_sum{venue="binance",endpoint="GET /api/v3/klines"} 0.25"#,
    #"carillon_exchange_clock_skew_seconds{venue="binance"} -1.5"#,
    #"carillon_portfolio_unrealized_pnl{account="main",currency="USDT"} 12.5"#,
    #"carillon_portfolio_realized_pnl{account="main",currency="USDT"} -1.5"#,
    #"carillon_portfolio_day_start_equity{account="main",currency="USDT"} 10400"#,
    #"carillon_portfolio_drawdown_ratio{account="main"} 0.018"#,
    #"carillon_position_value{account="main",symbol="BTC-USDT"} 4751.52"#,
    #"carillon_position_weight_ratio{account="main",symbol="BTC-USDT"} 0.456"#,
    #"carillon_position_target_ratio{account="main",symbol="BTC-USDT"} 0.45"#,
    #"carillon_risk_limit{account="main",limit="max-drawdown"} 0.1"#,
    #"carillon_risk_limit_used{account="main",limit="max-drawdown"} 0.018"#,
    #"carillon_risk_limit_passed{account="main",limit="max-drawdown"} 0"#,
    #"carillon_reconcile_mismatches{account="main"} 1"#,
    #"carillon_trades_total{account="main",side="buy"} 3"#,
    #"carillon_trades_total{account="main",side="sell"} 0"#,
    #"carillon_fees_total{account="main",currency="USDT"} 0.25"#,
    #"carillon_decisions_total{account="main",action="buy",reason=""} 3"#,
    #"carillon_decisions_total{account="main",action="hold",reason="too-small"} 4"#,
    #"carillon_halts_total{source="risk"} 1"#,
    // Whoever is not known is one, whatever he calls himself.
    #"carillon_halts_total{source="other"} 2"#,
    #"carillon_http_request_duration_seconds_count{route="/"} 1"#,
  ]) func tells(_ line: String) {
    #expect(Self.allFacts().page(.prometheus).split(separator: "\n").contains { $0 == line })
  }

  /// As the specification has it: families of counters and infos without their suffix, units, bounds
  /// as floating-point numbers, and an end.
  @Test func writesOpenMetrics() {
    let lines = Self.allFacts().page(.openMetrics).split(separator: "\n").map(String.init)
    #expect(lines.last == "# EOF")
    let build = lines.firstIndex(of: "# TYPE carillon_build info")
    #expect(build == 0)
    #expect(
      lines[1...2] == [
        "# HELP carillon_build The version that runs; always 1.",
        #"carillon_build_info{version="1.2.0"} 1"#,
      ])
    for line in [
      "# TYPE carillon_job_runs counter", "# UNIT carillon_job_duration_seconds seconds",
      "# UNIT carillon_database_size_bytes bytes", "# UNIT process_cpu_seconds seconds",
      "# UNIT carillon_portfolio_drawdown_ratio ratio",
      #"carillon_job_runs_total{job="fetch",result="succeeded",trigger="cron"} 41"#,
      #"carillon_job_duration_seconds_bucket{job="fetch",le="1.0"} 2"#,
    ] {
      #expect(lines.contains(line), "\(line)")
    }
    #expect(!lines.contains { $0.hasPrefix("# TYPE") && $0.contains("_total ") })
    // But for that, both formats say the same.
    func samples(_ format: MetricsFormat) -> [String] {
      Self.allFacts().page(format).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
        String($0.replacing(".0\"}", with: "\"}"))
      }
    }
    #expect(samples(.openMetrics) == samples(.prometheus))
  }

  // What is accepted, and what is sent. The first is what Prometheus 2.42 asks with.
  @Test(
    arguments: [
      (
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
          + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", MetricsFormat.openMetrics
      ),
      ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
      ("application/openmetrics-text", .openMetrics),
      ("text/plain, application/openmetrics-text;q=0.9", .prometheus),
      ("application/openmetrics-text;q=0", .prometheus),
      ("application/openmetrics-text;version=2.0.0,text/plain;q=0.1", .prometheus),
      ("text/html,*/*", .prometheus), ("*/*", .prometheus), (";;q=,,", .prometheus),
      (nil, .prometheus),
    ] as [(String?, MetricsFormat)]) func chooses(_ accept: String?, _ format: MetricsFormat)
  {
    #expect(MetricsFormat(accept: accept) == format)
  }

  /// Every family stands in the reference with its type and labels, in the same order, and nothing else.
  @Test func isDocumented() throws {
    var exported: [String] = []
    for line in Self.allFacts().page(.prometheus).split(separator: "\n") {
      if line.hasPrefix("# TYPE ") {
        exported.append(line.split(separator: " ").dropFirst(2).joined(separator: " "))
      } else if !line.hasPrefix("#"), let last = exported.last, !last.contains(":") {
        let labels = line.split(separator: "{").dropFirst().first?.split(separator: ",") ?? []
        let names = labels.compactMap { $0.split(separator: "=").first }.filter { $0 != "le" }
        exported[exported.count - 1] = last + ": " + names.joined(separator: " ")
      }
    }
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let document = try TextFile.read("/\(root)/docs/reference/metrics.md")
    let documented = document.split(separator: "\n").compactMap { line -> String? in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().map {
        $0.filter { $0 != "`" && $0 != "," }.split(separator: " ").joined(separator: " ")
      }
      guard cells.count >= 4, ["gauge", "counter", "histogram"].contains(cells[1]) else {
        return nil
      }
      return "\(cells[0]) \(cells[1]): \(cells[2])"
    }
    #expect(documented == exported)
  }
}

import Calendars
import Domain
import Foundation
import Jobs
import Logging
import Portfolio
import Settings
import Store
import Testing

/// A market whose candles, rules and scores are written straight into the database, for rebalances
/// alone: what comes before them is tested elsewhere.
final class TradedWorld {
  let bench: Workbench
  let symbols: [Symbol]
  let settings: Settings
  /// Opened anew by `restart`, as another process would.
  private(set) var store: Store
  private let mode: Store.Mode
  /// What came and went without a trade, by asset; told by whoever books it.
  var booked: [String: Amount] = [:]
  private static let model = String(repeating: "0", count: 64)

  /// So many instruments `S0-USD` and so on, with a tick of 0.01, a lot of 0.001 and a least order of 1.
  init(
    instruments: Int = 2, cash: String = "1000", costs: String = "fee-bps: 10, slippage-bps: 0",
    account: String = "", rebalance: String = "top: 1, max-weight: 1, cash-buffer: 0, band: 0",
    market: String = "", mode: Store.Mode = .create, sessions: String? = nil
  ) throws {
    self.mode = mode
    bench = try Workbench(mode: mode)
    symbols = try (0..<instruments).map { try #require(Symbol("S\($0)-USD")) }
    let text = """
      version: 1
      database: { path: carillon.db }
      venues: { files: { kind: csv, path: candles } }
      accounts: { main: { quote: USD, cash: "\(cash)", \(costs)\(account) } }
      market:
        venue: files
        symbols: [\(symbols.map(\.description).joined(separator: ", "))]
        timeframe: 1h\(market)\(sessions == nil ? "" : "\n  calendar: ./market.cal")
      defaults:
        rebalance: { \(rebalance), quorum: 0, max-age: 3h }
      """
    settings = try Settings.read(
      text, file: bench.folder.appendingPathComponent("carillon.yaml").path, environment: [:]
    ) { (name: String) throws(Fault) -> TradingCalendar in
      do {
        guard let sessions else { return try TradingCalendar.builtIn(name) }
        return try TradingCalendar(file: sessions, zones: ZoneDatabase.zone)
      } catch {
        throw Fault("read", "the calendar", cause: "\(error)", exit: .data)
      }
    }.settings
    store = bench.store
    try store.write(at: bench.time.now) { transaction in
      try transaction.models.register(
        ModelRecord(sha256: Self.model, kind: "rules", name: nil, file: "m", features: ["a"]))
    }
    for symbol in symbols { try rules(of: symbol) }
  }

  /// Publishes an instrument's rules.
  func rules(
    of symbol: Symbol, tick: String = "0.01", lot: String = "0.001", least: String = "1",
    halted: String? = nil
  ) throws {
    var rules = Instrument(
      symbol: symbol, tick: try #require(Amount(tick)), lot: try #require(Amount(lot)),
      minimumNotional: try #require(Amount(least)))
    rules.filters.haltedStatus = halted
    try store.write(at: bench.time.now) { try $0.instruments.save(rules, at: "files") }
  }

  /// Writes the candles that close so many hours after the start: each opens and lies where it closes.
  func closes(_ closes: [Symbol: Double], at hours: Int64, volume: Double = 1e12) throws {
    let time = Workbench.start + .hours(hours - 1)
    try store.write(at: bench.time.now) { transaction in
      for (symbol, close) in closes {
        let series = try transaction.series.register(
          Series(venue: "files", symbol: symbol, timeframe: .hour))
        let candle = Candle(
          time: time, open: close, high: close, low: close, close: close, volume: volume)
        _ = try transaction.candles.upsert([candle], series: series, run: nil)
      }
    }
  }

  /// Writes the scores of a slot; a symbol that is left out has none.
  func scores(_ scores: [Symbol: Double], at hours: Int64) throws {
    let slot = Slot(
      job: try #require(JobName("infer")), time: Workbench.start + .hours(hours))
    try store.write(at: bench.time.now) { transaction in
      try transaction.predictions.replace(
        slot,
        with: symbols.map { symbol in
          let series = Series(venue: "files", symbol: symbol, timeframe: .hour)
          guard let score = scores[symbol] else {
            return Prediction(
              series: series, time: nil, abstained: "none", model: Self.model, featureSet: nil)
          }
          return Prediction(
            series: series, time: slot.time - .hours(1), score: score, model: Self.model,
            featureSet: nil)
        }, run: nil)
    }
  }

  /// Rebalances at a slot, with a job that is made anew.
  func rebalance(
    at hours: Int64, with parameters: String? = nil, force: Bool = false,
    time: (any TimeSource)? = nil
  ) async throws -> RunEnd? {
    let runner = Runner(
      store: store, holder: bench.lock.holder, time: time ?? PassingTime(time: bench.time),
      conditions: Conditions(),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return try await bench.run(
      try bench.job(.rebalance, settings, with: parameters), hours: hours, force: force,
      runner: runner)
  }

  /// Goes on with another connection, as another process would.
  func restart() throws {
    let path = bench.store.path
    if store !== bench.store { try store.close() }
    store = try Store.open(path, mode: mode)
  }

  /// Closes what `restart` opened.
  func end() throws { if store !== bench.store { try store.close() } }

  /// The newest plan's line of a symbol.
  func line(_ symbol: Symbol) throws -> PlanLine {
    try store.read { transaction in
      let plan = try #require(try transaction.plans.latest(account: "main"))
      return try #require(try transaction.plans.lines(plan.id).first { $0.symbol == symbol })
    }
  }

  /// What does not hold of the account, in words; empty when all does.
  func findings() throws -> [String] {
    try store.read { (transaction) throws in
      guard let account = try transaction.accounts.account("main") else { return [] }
      var findings = try BooksProof(transaction).findings
      // The figures of orders; what is held is added up below, since not all of it was traded.
      findings += try transaction.fills.audit(account).filter { $0.contains("filled") }
      findings += try additions(transaction, account)
      let (cash, held) = (
        try transaction.accounts.cash("main"), try transaction.accounts.held("main")
      )
      findings += cash.filter { $0.value.isNegative }.map { "cash of \($0.value) \($0.key)" }
      findings += held.filter { $0.value.isNegative }.map { "\($0.value) \($0.key) held" }
      var locked: [String: Amount] = [:]
      for record in try transaction.orders.working("main") {
        let (order, rest) = (record.order, record.remaining)
        let asset = order.side == .sell ? order.key.symbol.base : order.key.symbol.quote
        let part =
          order.side == .sell
          ? rest : try rest.multiplied(by: order.limit ?? .zero, rounding: .down)
        locked[asset] = try (locked[asset] ?? .zero).adding(part)
      }
      for (asset, amount) in locked where amount > held[asset] ?? .zero {
        findings.append("\(amount) \(asset) locked of \(held[asset] ?? .zero)")
      }
      let valued = try AccountReading(transaction).valuation(of: account)
      let last = try transaction.equity.range("main").last
      // What was booked since is worth something else.
      let isSince = try transaction.entries.range("main").contains { entry in
        last.map { entry.time > $0.time } ?? true
      }
      if let last, !isSince, last.time == valued.marked, valued.valuation.equity != last.equity {
        findings.append(
          "equity of \(last.equity) on record, \(valued.valuation.equity ?? .zero) by the screens")
      }
      return findings
    }
  }

  /// Where what is held is not the sum of what it began with, its trades and `booked`.
  private func additions(_ transaction: ReadTransaction, _ account: Account) throws -> [String] {
    var sums = booked
    func add(_ units: Int128, _ asset: String) {
      sums[asset] = Amount(units: (sums[asset]?.units ?? 0) + units)
    }
    add(account.initial.units, account.quote)
    for record in try transaction.fills.all("main") {
      let sign: Int128 = record.side == .buy ? 1 : -1
      add(sign * record.fill.quantity.units, record.symbol.base)
      add(-sign * record.value.units, record.symbol.quote)
      if let fee = record.fill.fee { add(-fee.amount.units, fee.asset) }
    }
    let held = try transaction.accounts.held("main")
    return Set(held.keys).union(sums.keys).sorted().compactMap { asset in
      let (there, sum) = (held[asset] ?? .zero, sums[asset] ?? .zero)
      return there == sum ? nil : "\(there) \(asset) held, \(sum) by trades and events"
    }
  }
}

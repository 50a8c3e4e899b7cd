import Domain
import Exchange
import Logging
import Settings
import Store
import Venues

/// Draws up the statement of an account against its venue, puts it on record, and tells of what differs.
struct StatementDesk: Sendable {
  let reconciliation: OrderReconciliation
  let trading: TradingDesk
  let place: String

  private var account: String { trading.account }
  private var store: Store { reconciliation.store }
  private var venue: any Venue { trading.venue }
  private var now: Instant { reconciliation.time.now }

  /// More pages of one symbol are not read at once: the next statement reads on.
  static let maximumPages = 200

  /// Asks what became of our orders, then holds balances and trades against the ledger.
  ///
  /// - Returns: the statement, which is on record, and what else a person should know.
  /// - Throws: exit 77 when there are orders like ours that the ledger does not know; that is told, and
  ///   halts an account of real money.
  func draw() async throws -> (statement: VenueStatement, warnings: [String]) {
    let (opened, before) = try store.read { transaction in
      (
        try transaction.accounts.account(account)?.opened,
        try transaction.statements.latest(account).map { try VenueStatement($0) }
      )
    }
    guard let opened else {
      throw Fault(
        "reconcile", "account \(account)", cause: "the ledger does not have it yet",
        remedy: "an account begins with its first rebalance: carillon job run rebalance",
        exit: .noInput)
    }
    var warnings = try await reconciliation.ask()
    do {
      warnings += try await trading.refuseStrangers(store)
    } catch let fault as Fault where fault.exit == .refused {
      try store.write(at: now) { try tell(fault.cause, fault.remedy, $0) }
      throw fault
    }
    let reading = before?.reading ?? TradeReading(through: opened)
    let (told, cursors, asked) = try await trades(reading, opened)
    // What is told by now and not on record belongs to an order that works: it is asked for once more.
    warnings += try await reconciliation.ask().filter { !warnings.contains($0) }
    let lines = try await balances(before)
    let end = max(reading.through, asked - venue.traits.lookUpLag)
    let books = try ledger(told, reading, opened)
    let found = reading.compare(told, books, through: end)
    let next = reading.followed(by: told, books, cursors: cursors, through: end)
    let statement = VenueStatement(
      account: account, place: place, time: now, since: before?.time, lines: lines,
      trades: found.trades, compared: found.compared, strangers: found.strangers, reading: next)
    try store.write(at: statement.time) { transaction in
      try statement.record(transaction)
      guard let words = statement.words else { return }
      try tell(
        "\(place): \(words)",
        "carillon statement \(account); book it: carillon cash add, or take it as it is: "
          + "carillon statement \(account) --accept --reason TEXT", transaction)
    }
    return (statement, warnings)
  }

  /// Raises the alert, and halts where the money is real.
  private func tell(
    _ text: String, _ remedy: String?, _ transaction: WriteTransaction
  ) throws {
    try transaction.alerts.raise(Alert(.reconcile, of: account, text, remedy: remedy))
    guard trading.settings.isLive, try transaction.halts.recorded() == nil else { return }
    try transaction.halts.begin(
      .noNew, reason: "account \(account): \(text)", source: "reconcile")
  }

  // MARK: trades

  /// The trades that the venue tells since a reading, the cursors behind them, and when it was asked.
  private func trades(
    _ reading: TradeReading, _ opened: Instant
  ) async throws -> (told: [TradeReading.Told], cursors: [String: String], asked: Instant) {
    var cursors = reading.cursors
    var told: [TradeReading.Told] = []
    let asked = now
    let symbols: [Symbol?] =
      venue.traits.tellsAllFills ? [nil] : try wanted(reading.through).map { Optional($0) }
    let contracts = Dictionary(
      reconciliation.rules.values.map { (venue.contract($0).id, $0.symbol) },
      uniquingKeysWith: { first, _ in first })
    for symbol in symbols {
      let contract = symbol.flatMap { reconciliation.rules[$0] }.map { venue.contract($0) }
      if symbol != nil, contract == nil { continue }
      let name = symbol.map { "\($0)" } ?? ""
      var cursor =
        venue.traits.cursorOutlivesSession ? cursors[name].map { FillCursor($0) } : nil
      for _ in 0..<Self.maximumPages {
        try Task.checkCancellation()
        let page = try await venue.fills(of: contract, after: cursor)
        for fill in page.fills {
          // Of an instrument whose rules nobody knows nothing was ever ordered.
          guard let symbol = symbol ?? contracts[fill.contract] else { continue }
          told.append(TradeReading.Told(symbol: symbol, fill: fill))
        }
        guard !page.fills.isEmpty, page.next != cursor else { break }
        cursor = page.next
      }
      cursors[name] = cursor?.text
    }
    return (told, cursors, asked)
  }

  /// The instruments whose trades are asked for: what is held, and what was ordered or traded since.
  private func wanted(_ since: Instant) throws -> [Symbol] {
    try store.read { transaction in
      let positions = try transaction.accounts.positions(account).map(\.symbol)
      let orders =
        try transaction.orders.working(account) + transaction.orders.sent(account, since: since)
      let fills = try transaction.fills.between(account, after: since, through: now)
      return Set(positions + orders.map(\.order.key.symbol) + fills.map(\.symbol)).sorted()
    }
  }

  private func ledger(
    _ told: [TradeReading.Told], _ reading: TradeReading, _ opened: Instant
  ) throws -> TradeReading.Ledger {
    let oldest = told.map(\.fill.time).min() ?? reading.through
    return try store.read { transaction in
      let records = try transaction.fills.between(
        account, after: min(oldest, reading.through) - TradeReading.timesApart, through: .latest)
      let fills = Dictionary(
        records.map { (TradeReading.Key(symbol: $0.symbol, id: $0.fill.trade), $0) },
        uniquingKeysWith: { first, _ in first })
      let strange = Set(told.filter { fills[$0.key] == nil }.map(\.fill.venueOrder))
      return TradeReading.Ledger(
        fills: fills,
        orders: Set(try transaction.orders.known(account, asVenueIDs: strange).keys),
        opened: opened)
    }
  }

  // MARK: balances

  /// The assets of both sides, looked at again while they differ: trades are told late.
  private func balances(_ before: VenueStatement?) async throws -> [VenueStatement.Line] {
    for look in 1... {
      let held = try store.read { try $0.accounts.held(account) }
      let snapshot = try await venue.account()
      let lines = try VenueStatement.lines(
        held: held, there: try snapshot.total, before: before)
      if look >= TradingDesk.looks || lines.allSatisfy({ $0.difference == .zero }) {
        return lines
      }
      try await reconciliation.time.sleep(for: TradingDesk.pause)
      _ = try await reconciliation.ask()
    }
    preconditionFailure("a number of looks has an end")
  }
}

extension AccountSnapshot {
  /// What the account has of each asset, wherever it is bound; nothing that is zero.
  var total: [String: Amount] {
    get throws(AmountError) {
      var sums: [String: Amount] = [:]
      for part in [free, locked, unsettled] {
        for (asset, amount) in part {
          sums[asset] = try (sums[asset] ?? .zero).adding(amount)
        }
      }
      return sums.filter { $0.value != .zero }
    }
  }
}

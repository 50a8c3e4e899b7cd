import Domain
import Logging
import Store
import Venues

/// Asks a venue what became of the orders of an account, and puts it on record: the first step of every
/// rebalance, and of every statement.
///
/// What a venue says twice changes nothing the second time.
struct OrderReconciliation: Sendable {
  let store: Store
  let time: any TimeSource
  let log: Logger
  let venue: any Venue
  let account: String
  /// The rules of all instruments that the account may have orders of.
  let rules: [Symbol: Instrument]
  /// The slot of the rebalance that asks; nil: nobody who would send.
  let slot: Slot?
  /// What cancels orders that rest should this process die; it must hear of us meanwhile.
  var deadMan: DeadManSwitch?

  /// For how long after its end an order is asked for trades that were told late.
  static let lateTradesWithin = TimeSpan.hours(24)

  /// What the venue said of one order.
  struct Answer {
    var record: OrderRecord
    /// Nil when the venue does not know it.
    var report: OrderReport?
    /// When the venue was asked; nil: just now.
    var asked: Instant?
    /// Whether it was certainly not sent.
    var isUnsent = false
  }

  /// Asks what became of every order that may have changed: all that may still be filled, and those that
  /// ended a short time ago, of which a trade may be told late.
  ///
  /// - Returns: what a person should know.
  func ask() async throws -> [String] {
    var warnings: [String] = []
    var answers: [Answer] = []
    let records = try asked()
    // What is not seen is absent as of now at the latest, however long it takes to go through them all.
    let moment = time.now
    try await venue.gather(
      Dictionary(
        records.map { record in
          // A clock that was set back meanwhile makes no span of less than nothing.
          let last = max(record.doubted ?? record.updated, record.created)
          return (record.order.id, record.created...last)
        }, uniquingKeysWith: { first, _ in first }))
    for record in records {
      guard let instrument = rules[record.order.key.symbol] else {
        warnings.append(
          "order \(record.order.id): no rules of \(record.order.key.symbol) are known")
        continue
      }
      try Task.checkCancellation()
      try await deadMan?.renew()
      let report = try await venue.report(
        on: record.order, instrument: instrument, at: slot?.time ?? time.now)
      answers.append(Answer(record: record, report: report, asked: moment))
    }
    try commit(answers)
    if !warnings.isEmpty {
      try store.write(at: time.now) {
        _ = try $0.alerts.raise(
          Alert(
            .reconcile, of: account, warnings.joined(separator: "; "),
            remedy: "carillon orders list --account \(account)"))
      }
    }
    return warnings
  }

  private func asked() throws -> [OrderRecord] {
    try store.read { transaction in
      try transaction.orders.working(account)
        + transaction.orders.ended(account, since: time.now - Self.lateTradesWithin)
    }
  }

  /// Records answers in one transaction.
  func commit(_ answers: [Answer]) throws {
    guard !answers.isEmpty else { return }
    try store.write(at: time.now) { transaction in
      for answer in answers { try record(answer, transaction) }
    }
  }

  /// Records what the venue says of an order: its fills and its state.
  func record(_ answer: Answer, _ transaction: WriteTransaction) throws {
    let order = answer.record.order
    for fill in answer.report?.fills ?? [] { _ = try transaction.fills.insert(fill) }
    let decision =
      answer.isUnsent
      ? DeskDecision(state: .planned, reason: nil)
      : DeskDecision.of(
        answer.record, answer.report, slot: slot, now: answer.asked ?? time.now,
        absentAfter: venue.traits.absentAfter)
    guard let decision else { return }
    try transaction.orders.move(
      order.id, to: decision.state, venueID: answer.report?.venueID, reason: decision.reason,
      isSent: answer.report != nil || decision.state == .unknown)
    if decision.state == .unknown {
      log.error(
        "order in doubt",
        metadata: ["order": "\(order.id)", "reason": "\(decision.reason ?? "")"])
    }
    log.info(
      "order \(decision.state)",
      metadata: [
        "order": "\(order.id)", "side": "\(order.side)", "quantity": "\(order.quantity)",
        "symbol": "\(order.key.symbol)",
      ])
  }
}

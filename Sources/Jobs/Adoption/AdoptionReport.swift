public import Domain

/// What a ledger that was lost had, as the exchange tells it, and what was booked of it.
public struct AdoptionReport: Hashable, Sendable {
  /// An order of ours that the ledger did not know.
  public struct Found: Hashable, Sendable {
    /// The order, with what its id was made of.
    public var order: Order
    /// Whether that was found; else it is booked under the job `adopted`, once it is accepted.
    public var isMatched: Bool
    /// Its trades.
    public var fills: [Fill]
    /// When it was placed.
    public var placed: Instant
  }

  /// An asset of which the exchange has less than the ledger.
  public struct Difference: Hashable, Sendable {
    /// The asset.
    public var asset: String
    /// What the ledger has, after what was found.
    public var ledger: Amount
    /// What the exchange has.
    public var venue: Amount
  }

  /// The account.
  public var account: String
  /// Where it trades.
  public var place: String
  /// What was found.
  public var found: [Found] = []
  /// What does not add up after it.
  public var differences: [Difference] = []
  /// Whether all of that was booked.
  public var isBooked = false
  /// How many symbols were asked for.
  public var symbols = 0
  /// What it took of the exchange's budget.
  public var weight = 0
  /// How long it took.
  public var took = TimeSpan.zero

  /// Whether a person has to accept something before the account trades again.
  public var needsAcceptance: Bool {
    !isBooked && (!differences.isEmpty || found.contains { !$0.isMatched })
  }

  /// The report for machines.
  public var json: JSONValue {
    .object([
      .init("schema", .string("carillon.adopt/1")), .init("account", .string(account)),
      .init("place", .string(place)), .init("booked", .bool(isBooked)),
      .init("needs_acceptance", .bool(needsAcceptance)),
      .init(
        "orders",
        .array(
          found.map { one in
            .object([
              .init("id", .string(one.order.id.text)),
              .init("symbol", .string("\(one.order.key.symbol)")),
              .init("side", .string(one.order.side.rawValue)),
              .init("quantity", .string("\(one.order.quantity)")),
              .init("state", .string("\(one.order.state)")),
              .init("placed", .string("\(one.placed)")),
              .init("slot", one.isMatched ? .string("\(one.order.key.slot)") : .null),
              .init("trades", .number(one.fills.count)),
            ])
          })),
      .init(
        "differences",
        .array(
          differences.map {
            .object([
              .init("asset", .string($0.asset)), .init("ledger", .string("\($0.ledger)")),
              .init("venue", .string("\($0.venue)")),
            ])
          })), .init("symbols", .number(symbols)), .init("weight", .number(weight)),
      .init("took_ms", .number(took.milliseconds)),
    ])
  }
}

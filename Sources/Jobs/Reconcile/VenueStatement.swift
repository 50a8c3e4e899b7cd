public import Domain

/// An account held against its venue at one moment, asset by asset and trade by trade: a value, so that
/// every way in which the two may differ has a row in a table of tests.
///
/// What the venue has beyond the ledger may be somebody's own. The first statement takes it down as
/// `beside`; from then on a difference of one unit is told, in either direction, until it is booked or
/// accepted.
public struct VenueStatement: Hashable, Sendable {
  /// One asset.
  public struct Line: Hashable, Sendable {
    /// The asset.
    public var asset: String
    /// What the ledger holds of it.
    public var ledger: Amount
    /// What the venue has: free, locked and unsettled.
    public var venue: Amount
    /// What of that is known to be none of the ledger's.
    public var beside: Amount
    /// What the venue has beyond ledger and `beside`; below zero: what is missing there.
    public var difference: Amount

    init(_ asset: String, ledger: Amount, venue: Amount, beside: Amount?) throws(AmountError) {
      (self.asset, self.ledger, self.venue) = (asset, ledger, venue)
      let surplus = try venue.subtracting(ledger)
      self.beside = beside ?? max(surplus, .zero)
      difference = try surplus.subtracting(self.beside)
    }
  }

  /// A trade that is not the same on both sides.
  public struct Trade: Hashable, Sendable {
    /// How it differs.
    public enum Kind: String, CaseIterable, Sendable {
      /// The venue tells it of an order of ours, and the ledger does not have it.
      case missing
      /// The ledger has it, and the venue does not tell it.
      case untold
      /// Quantity, price or fee are not the same.
      case altered
    }

    /// How it differs.
    public var kind: Kind
    /// The venue's id of it.
    public var id: String
    /// The instrument.
    public var symbol: Symbol
    /// Buy or sell.
    public var side: Side
    /// How much, by the venue where it tells it.
    public var quantity: Amount
    /// At which price.
    public var price: Amount
    /// When.
    public var time: Instant
  }

  /// The account.
  public var account: String
  /// The address of its exchange.
  public var place: String
  /// When it was drawn up.
  public var time: Instant
  /// When the one before was; nil for the first.
  public var since: Instant?
  /// Every asset that either side has, by name.
  public var lines: [Line]
  /// The trades that are not the same, oldest first.
  public var trades: [Trade]
  /// How many trades were held against each other.
  public var compared: Int
  /// How many trades the venue told of orders that are none of ours.
  public var strangers: Int
  /// Why a person took it as it is; nil: nobody had to.
  public var accepted: String?
  /// How far the trades were read.
  var reading: TradeReading

  /// The assets that are not the same.
  public var differing: [Line] { lines.filter { $0.difference != .zero } }

  /// How many assets and trades are not the same.
  public var differences: Int { differing.count + trades.count }

  /// The assets of both sides.
  ///
  /// - Parameter before: the statement before; nil for the first.
  static func lines(
    held: [String: Amount], there: [String: Amount], before: VenueStatement?
  ) throws(AmountError) -> [Line] {
    let known = before.map { statement in
      Dictionary(
        statement.lines.map { ($0.asset, $0.beside) }, uniquingKeysWith: { first, _ in first })
    }
    var lines: [Line] = []
    for asset in Set(held.keys).union(there.keys).union(known?.keys ?? [:].keys).sorted() {
      let line = try Line(
        asset, ledger: held[asset] ?? .zero, venue: there[asset] ?? .zero,
        beside: known.map { $0[asset] ?? .zero })
      if line.ledger != .zero || line.venue != .zero || line.beside != .zero { lines.append(line) }
    }
    return lines
  }

  /// The differences in words, the first of them; nil when there are none.
  public var words: String? {
    var words = differing.map { line in
      line.difference.isNegative
        ? "\(Amount(units: -line.difference.units)) \(line.asset) less there than the ledger has"
        : "\(line.difference) \(line.asset) more there than the ledger explains"
    }
    words += trades.map { trade in
      let what = "trade \(trade.id) (\(trade.side) \(trade.quantity) \(trade.symbol))"
      switch trade.kind {
      case .missing: return "\(what) is not in the ledger"
      case .untold: return "\(what) is in the ledger alone"
      case .altered: return "\(what) has other figures in the ledger"
      }
    }
    guard let first = words.first else { return nil }
    return words.count == 1 ? first : "\(first), and \(words.count - 1) more"
  }

  /// The statement as a person takes it: what is there beyond the ledger is known from now on.
  ///
  /// - Throws: exit 77 when the venue has less than the ledger: only a booking explains that.
  public func accepting(_ reason: String, at now: Instant) throws -> VenueStatement {
    if let short = differing.first(where: { $0.difference.isNegative }) {
      throw Fault(
        "accept", "the statement of \(account)",
        cause: "\(place) has \(short.venue) \(short.asset), where the ledger has \(short.ledger)",
        remedy: "book what was taken out: carillon cash add withdrawal AMOUNT \(short.asset) "
          + "--reason TEXT; after a lost database: carillon adopt \(account)", exit: .refused)
    }
    var statement = self
    (statement.since, statement.time, statement.accepted) = (time, now, reason)
    statement.lines = try lines.map { line in
      try Line(
        line.asset, ledger: line.ledger, venue: line.venue,
        beside: line.venue.subtracting(line.ledger))
    }
    statement.trades = []
    return statement
  }
}

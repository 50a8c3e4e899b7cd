public import Domain

/// What was bought, lot by lot, and what became of each: the gains of sales, by the rule that a tax
/// office wants. A value; every amount is exact, and what a division leaves over stays with the last part,
/// so that costs and proceeds add up to what was paid and received.
public struct TaxLots: Sendable {
  /// Which lot a sale takes from.
  public enum Method: String, CaseIterable, Sendable {
    /// The oldest first.
    case fifo
    /// All at the average of what they cost.
    case average
  }

  /// A quantity that came in at once.
  public struct Lot: Hashable, Sendable {
    /// How much of it is left.
    public var quantity: Amount
    /// What that cost, fees included, in the account's quote asset; nil where nothing tells.
    public var cost: Amount?
    /// When it came in; nil for an average of several.
    public var acquired: Instant?
    /// The order or the entry that brought it; empty for an average of several.
    public var source: String

    /// A lot of these parts.
    public init(quantity: Amount, cost: Amount?, acquired: Instant?, source: String) {
      (self.quantity, self.cost) = (quantity, cost)
      (self.acquired, self.source) = (acquired, source)
    }
  }

  /// How a quantity left.
  public enum End: String, CaseIterable, Sendable {
    /// It was sold.
    case sold
    /// It was paid out at its end.
    case settled
    /// It paid a fee.
    case fee
    /// It was taken out, or given away.
    case withdrawn
    /// It went to another account, with its cost and its date.
    case transferred
  }

  /// A quantity of one lot that left.
  public struct Disposal: Hashable, Sendable {
    /// The asset.
    public var asset: String
    /// What of which lot: its quantity and cost are those of the part.
    public var part: Lot
    /// How it left.
    public var end: End
    /// When.
    public var disposed: Instant
    /// The order or the entry that took it.
    public var source: String
    /// What it brought after fees, in the account's quote asset; nil where that is no sale.
    public var proceeds: Amount?

    /// What was earned on it; nil where it was no sale, or its cost is not known.
    public var gain: Amount? {
      get throws(AmountError) {
        guard let proceeds, let cost = part.cost else { return nil }
        return try proceeds.subtracting(cost)
      }
    }
  }

  /// Which lots are taken.
  public let method: Method
  /// What is held, by asset, oldest first.
  public private(set) var open: [String: [Lot]] = [:]
  /// What has left, in order.
  public private(set) var closed: [Disposal] = []

  /// No lots yet.
  public init(_ method: Method) { self.method = method }

  /// Takes in a quantity; none of zero.
  public mutating func acquire(_ asset: String, _ lot: Lot) throws(AmountError) {
    guard lot.quantity > .zero else { return }
    guard method == .average, let pool = open[asset]?.first else {
      open[asset, default: []].append(lot)
      return
    }
    var cost: Amount?
    if let one = pool.cost, let other = lot.cost { cost = try one.adding(other) }
    open[asset] = [
      Lot(
        quantity: try pool.quantity.adding(lot.quantity), cost: cost, acquired: nil, source: "")
    ]
  }

  /// Lets go of a quantity, with what it brought.
  ///
  /// - Parameters:
  ///   - proceeds: what all of it brought after fees; nil: it was no sale.
  ///   - source: the order or the entry.
  /// - Returns: what the parts cost together; nil where that of one is not known.
  @discardableResult
  public mutating func dispose(
    _ quantity: Amount, of asset: String, _ end: End, at time: Instant, source: String,
    proceeds: Amount?
  ) throws(AmountError) -> Amount? {
    let parts = try take(quantity, of: asset)
    var (rest, brought): (Amount, Amount?) = (quantity, proceeds)
    var cost: Amount? = .zero
    for (index, part) in parts.enumerated() {
      var share = brought
      if let left = brought, index < parts.count - 1 {
        let part = try left.multiplied(by: part.quantity, rounding: .towardsZero)
          .divided(by: rest, rounding: .towardsZero)
        (share, brought) = (part, try left.subtracting(part))
      }
      rest = try rest.subtracting(part.quantity)
      if let sum = cost, let own = part.cost { cost = try sum.adding(own) } else { cost = nil }
      closed.append(
        Disposal(
          asset: asset, part: part, end: end, disposed: time, source: source, proceeds: share))
    }
    return cost
  }

  /// Takes a quantity off the lots that the method names. What no lot has is a part of its own, whose
  /// cost and date nobody knows: it lay there before the books began.
  public mutating func take(_ quantity: Amount, of asset: String) throws(AmountError) -> [Lot] {
    var (rest, parts): (Amount, [Lot]) = (quantity, [])
    var lots = open[asset] ?? []
    while rest > .zero, let lot = lots.first {
      guard lot.quantity > rest else {
        parts.append(lot)
        rest = try rest.subtracting(lot.quantity)
        lots.removeFirst()
        continue
      }
      var (part, left) = (lot, lot)
      part.quantity = rest
      left.quantity = try lot.quantity.subtracting(rest)
      if let cost = lot.cost {
        let own = try cost.multiplied(by: rest, rounding: .towardsZero)
          .divided(by: lot.quantity, rounding: .towardsZero)
        (part.cost, left.cost) = (own, try cost.subtracting(own))
      }
      parts.append(part)
      lots[0] = left
      rest = .zero
    }
    if rest > .zero {
      parts.append(Lot(quantity: rest, cost: nil, acquired: nil, source: ""))
    }
    open[asset] = lots.isEmpty ? nil : lots
    return parts
  }

  /// A split: what is held changes, cost and dates stay.
  ///
  /// - Parameters:
  ///   - ratio: how many units a lot of `old` becomes; each is cut to 10^-12.
  ///   - held: what is held of the asset after it; the last lot takes what the cuts leave over.
  public mutating func split(
    _ asset: String, _ new: Amount, for old: Amount, leaving held: Amount
  ) throws(AmountError) {
    guard var lots = open[asset] else { return }
    var sum = Amount.zero
    for index in lots.indices {
      lots[index].quantity = try lots[index].quantity.multiplied(by: new, rounding: .towardsZero)
        .divided(by: old, rounding: .towardsZero)
      if index == lots.count - 1 { lots[index].quantity = try held.subtracting(sum) }
      sum = try sum.adding(lots[index].quantity)
    }
    open[asset] = lots.filter { $0.quantity > .zero }
  }
}

public import Domain

/// What a venue takes for a trade, and in what.
public struct FeeSchedule: Hashable, Sendable {
  /// How the fee follows from the trade.
  public enum Basis: Hashable, Sendable {
    /// A part of the value: crypto venues.
    case value(maker: Rate, taker: Rate)
    /// So much of the quote for each unit, at least so much for an order, at most a part of its
    /// value: brokers of shares.
    case unit(Amount, minimum: Amount, maximum: Rate?)
    /// factor x quantity x p x (1 - p), p the price between 0 and 1: markets of chances.
    case chance(factor: Rate)
  }

  /// In what the fee is paid.
  public enum Currency: Hashable, Sendable {
    /// The quote asset.
    case quote
    /// The base asset.
    case base
    /// What the trade brings: base for a purchase, quote for a sale.
    case received
    /// A third asset, at the price of the contract that trades it for the quote.
    case third(String, pricedBy: ContractID)
  }

  /// How the fee follows from the trade.
  public var basis: Basis
  /// In what it is paid.
  public var currency: Currency
  /// An order's fee is rounded up to a multiple of this.
  public var step: Amount
  /// Whether each trade's fee is rounded in the asset that pays it, and nowhere before: a thousandth of
  /// 1 ETH is 0.001 ETH whatever ETH costs. Else the order's is, in the quote asset.
  public var isRoundedWherePaid: Bool

  /// A schedule of these parts; the step must be positive.
  public init(
    _ basis: Basis, paidIn currency: Currency = .quote, step: Amount = Self.finestStep,
    isRoundedWherePaid: Bool = false
  ) {
    self.isRoundedWherePaid = isRoundedWherePaid
    precondition(step > .zero, "the step of a fee must be positive")
    self.basis = basis
    self.currency = currency
    self.step = step
  }

  /// 10^-8: what most venues count money in.
  public static let finestStep = Amount(units: 10_000)
  /// No fee at all.
  public static let free = FeeSchedule(.value(maker: .zero, taker: .zero))

  /// The same part of the value for makers and takers, in the quote asset.
  public static func flat(_ rate: Rate) -> FeeSchedule {
    FeeSchedule(.value(maker: rate, taker: rate))
  }

  /// What one trade adds to its order's fee, in the quote asset, before the order's least, most and
  /// rounding. - Throws: `AmountError.overflow`.
  public func part(
    price: Amount, quantity: Amount, isMaker: Bool
  ) throws(AmountError) -> Amount {
    switch basis {
    case .value(let maker, let taker):
      return try price.multiplied(by: quantity, rounding: .up)
        .multiplied(by: (isMaker ? maker : taker).amount, rounding: .up)
    case .unit(let each, _, _):
      return try each.multiplied(by: quantity, rounding: .up)
    case .chance(let factor):
      let rest = max(.zero, try Amount.one.subtracting(price))
      return try price.multiplied(by: rest, rounding: .up).multiplied(by: quantity, rounding: .up)
        .multiplied(by: factor.amount, rounding: .up)
    }
  }

  /// An order's fee from the parts of its trades and what they were worth, in the quote asset: the
  /// parts are added before the least, the most and the rounding, so that an order in ten trades pays
  /// what it would have paid in one.
  ///
  /// - Throws: `AmountError.overflow`.
  public func total(parts: Amount, value: Amount) throws(AmountError) -> Amount {
    var fee = parts
    if case .unit(_, let minimum, let maximum) = basis {
      fee = max(fee, minimum)
      if let maximum {
        fee = min(fee, try value.multiplied(by: maximum.amount, rounding: .up))
      }
    }
    return isRoundedWherePaid ? fee : try fee.rounded(toMultipleOf: step, .up)
  }

  /// The fee of an order that is filled by one trade, in the quote asset.
  ///
  /// - Throws: `AmountError.overflow`.
  public func fee(
    price: Amount, quantity: Amount, isMaker: Bool
  ) throws(AmountError) -> Amount {
    try total(
      parts: part(price: price, quantity: quantity, isMaker: isMaker),
      value: price.multiplied(by: quantity, rounding: .up))
  }
}

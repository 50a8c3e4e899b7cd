public import Domain

/// What changes an account without a trade.
public enum CashEvent: Hashable, Sendable {
  /// Assets came in; worth `rate` of the account's quote asset each.
  case deposit(asset: String, amount: Amount, rate: Amount)
  /// Assets went out; worth `rate` of the account's quote asset each.
  case withdrawal(asset: String, amount: Amount, rate: Amount)
  /// Assets went to another account of the same quote asset.
  case transfer(asset: String, amount: Amount, rate: Amount, to: String)
  /// A holding paid so much of its quote asset, all units together.
  case dividend(Symbol, amount: Amount)
  /// Each `old` units became `new` units.
  case split(Symbol, new: Amount, old: Amount)
  /// A charge that belongs to no trade.
  case fee(asset: String, amount: Amount)
  /// A holding ended, and each unit of it was paid out at a price of its quote asset, which may be
  /// zero.
  case settlement(Symbol, price: Amount)

  /// What kind of entry it makes.
  public var kind: Entry.Kind {
    switch self {
    case .deposit: .deposit
    case .withdrawal: .withdrawal
    case .transfer: .transfer
    case .dividend: .dividend
    case .split: .split
    case .fee: .fee
    case .settlement: .settlement
    }
  }
}

/// What became of a cash event.
public struct CashEventRecord: Hashable, Sendable {
  /// The number of its entry.
  public var entry: Int64
  /// What the account holds of each asset that it changed.
  public var held: [String: Amount]
  /// How many candles a split adjusted.
  public var adjustedCandles = 0
}

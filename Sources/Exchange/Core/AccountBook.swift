public import Domain

/// What one account has: of each asset what is free, locked for orders, and not settled yet; and what
/// each contract cost and earned.
///
/// None of the three is ever below zero: who takes more than there is gets a shortage, and nothing has
/// happened.
public struct AccountBook: Hashable, Sendable {
  /// One asset.
  public struct Balance: Hashable, Sendable {
    /// What may be spent.
    public var free = Amount.zero
    /// What open orders hold.
    public var locked = Amount.zero
    /// What sales brought and is not settled.
    public var unsettled = Amount.zero

    /// A balance of these parts.
    public init(free: Amount = .zero, locked: Amount = .zero, unsettled: Amount = .zero) {
      (self.free, self.locked, self.unsettled) = (free, locked, unsettled)
    }

    /// All of it. - Throws: `AmountError.overflow`.
    public func total() throws(AmountError) -> Amount {
      try free.adding(locked).adding(unsettled)
    }
  }

  /// What a contract cost and earned.
  public struct Position: Hashable, Sendable {
    /// How much was bought and not sold, fees in the base asset taken off.
    public var quantity = Amount.zero
    /// What that cost, fees in quote included, at average cost.
    public var cost = Amount.zero
    /// What sales earned, fees in quote taken off.
    public var realised = Amount.zero

    init(quantity: Amount = .zero, cost: Amount = .zero, realised: Amount = .zero) {
      (self.quantity, self.cost, self.realised) = (quantity, cost, realised)
    }
  }

  /// Why something could not be taken.
  enum Shortage: Error {
    /// There is too little.
    case funds(Reason)
    /// A sum does not fit.
    case number
  }

  /// By asset; an asset that was never held is not here.
  public private(set) var balances: [String: Balance] = [:]
  /// By contract.
  public internal(set) var positions: [ContractID: Position] = [:]
  /// All fees paid, by asset.
  public private(set) var fees: [String: Amount] = [:]
  private var settling: [Settling] = []

  private struct Settling: Hashable, Sendable {
    var money: Money
    var due: Instant
  }

  /// An account that has nothing.
  public init() {}

  /// Whether something is not settled yet.
  var isSettling: Bool { !settling.isEmpty }

  /// The balance of an asset.
  public func balance(_ asset: String) -> Balance { balances[asset] ?? Balance() }

  /// What of the book is of some assets and a contract, on which something is tried that is done as a whole
  /// or not at all: a copy of the whole book costs as much as it has assets.
  func part(of assets: [String], _ contract: ContractID? = nil) -> AccountBook {
    var part = AccountBook()
    for asset in assets {
      part.balances[asset] = balances[asset]
      part.fees[asset] = fees[asset]
    }
    if let contract { part.positions[contract] = positions[contract] }
    return part
  }

  /// Takes a part back as it has become.
  mutating func take(back part: AccountBook) {
    for (asset, balance) in part.balances { balances[asset] = balance }
    for (asset, fee) in part.fees { fees[asset] = fee }
    for (contract, position) in part.positions { positions[contract] = position }
    settling += part.settling
  }

  /// Locks so much of what is free.
  mutating func reserve(_ money: Money) throws(Shortage) {
    var balance = self.balance(money.asset)
    guard money.amount <= balance.free else { throw shortage(money) }
    balance.free = try Self.checked { () throws(AmountError) in
      try balance.free.subtracting(money.amount)
    }
    balance.locked = try Self.checked { () throws(AmountError) in
      try balance.locked.adding(money.amount)
    }
    balances[money.asset] = balance
  }

  /// Makes so much of what is locked free again.
  mutating func release(_ money: Money) throws(Shortage) {
    var balance = self.balance(money.asset)
    precondition(money.amount <= balance.locked, "more is released than is locked")
    balance.locked = try Self.checked { () throws(AmountError) in
      try balance.locked.subtracting(money.amount)
    }
    balance.free = try Self.checked { () throws(AmountError) in
      try balance.free.adding(money.amount)
    }
    balances[money.asset] = balance
  }

  /// Takes so much of what is free out of the account.
  mutating func debit(_ money: Money) throws(Shortage) {
    var balance = self.balance(money.asset)
    guard money.amount <= balance.free else { throw shortage(money) }
    balance.free = try Self.checked { () throws(AmountError) in
      try balance.free.subtracting(money.amount)
    }
    balances[money.asset] = balance
  }

  /// Puts so much into the account, to be spent at once or when it has settled.
  mutating func credit(_ money: Money, due: Instant? = nil) throws(Shortage) {
    var balance = self.balance(money.asset)
    if let due {
      balance.unsettled = try Self.checked { () throws(AmountError) in
        try balance.unsettled.adding(money.amount)
      }
      settling.append(Settling(money: money, due: due))
    } else {
      balance.free = try Self.checked { () throws(AmountError) in
        try balance.free.adding(money.amount)
      }
    }
    balances[money.asset] = balance
  }

  /// Makes free what has settled by now.
  mutating func settle(by now: Instant) throws(Shortage) {
    guard settling.contains(where: { $0.due <= now }) else { return }
    for item in settling where item.due <= now {
      var balance = self.balance(item.money.asset)
      balance.unsettled = try Self.checked { () throws(AmountError) in
        try balance.unsettled.subtracting(item.money.amount)
      }
      balance.free = try Self.checked { () throws(AmountError) in
        try balance.free.adding(item.money.amount)
      }
      balances[item.money.asset] = balance
    }
    settling.removeAll { $0.due <= now }
  }

  /// Counts a fee that was paid.
  mutating func count(fee: Money) throws(Shortage) {
    guard fee.amount != .zero else { return }
    fees[fee.asset] = try Self.checked { () throws(AmountError) in
      try (fees[fee.asset] ?? .zero).adding(fee.amount)
    }
  }

  /// Changes what is free of an asset to so many times as much, rounded down to 10^-12; what is
  /// unsettled is of another asset, and nothing is locked meanwhile.
  ///
  /// - Returns: the change.
  mutating func split(
    _ asset: String, _ numerator: Amount, _ denominator: Amount
  ) throws(Shortage) -> Amount {
    var balance = self.balance(asset)
    precondition(balance.locked == .zero, "locks are released before a split")
    let before = balance.free
    let after = try Self.checked { () throws(AmountError) in
      try before.multiplied(by: numerator, rounding: .down)
        .divided(by: denominator, rounding: .down)
    }
    balance.free = after
    balances[asset] = balance
    return Amount(units: after.units - before.units)
  }

  private func shortage(_ money: Money) -> Shortage {
    .funds(
      .insufficientFunds(
        asset: money.asset, free: balance(money.asset).free, needed: money.amount))
  }

  private static func checked<Value>(
    _ body: () throws(AmountError) -> Value
  ) throws(Shortage) -> Value {
    do throws(AmountError) { return try body() } catch { throw .number }
  }
}

public import Domain

extension TargetRule {
  /// The rule for an account that is to trade as if it were worth no more than `most`: its places shrink
  /// with the part of the equity that counts, and the rest stays in cash.
  ///
  /// - Throws: `AmountError` when the numbers overflow.
  public func trading(atMost most: Amount, of equity: Amount) throws(AmountError) -> TargetRule {
    guard equity > most else { return self }
    let part = try most.divided(by: equity, rounding: .towardsZero)
    var rule = self
    rule.maximumWeight = try maximumWeight.multiplied(by: part, rounding: .towardsZero)
    let share = try Amount.one.subtracting(cashBuffer).multiplied(by: part, rounding: .towardsZero)
    rule.cashBuffer = try Amount.one.subtracting(share)
    return rule
  }
}

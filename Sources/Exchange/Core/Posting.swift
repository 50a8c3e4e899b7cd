public import Domain

/// A change of what an account holds of an asset. Everything an account holds is a sum of these.
public struct Posting: Hashable, Sendable {
  /// What caused it.
  public enum Cause: Hashable, Sendable, CustomStringConvertible {
    /// A trade, by its number.
    case trade(Int64)
    /// The fee of a trade.
    case fee(Int64)
    /// A deposit or a withdrawal.
    case transfer(String)
    /// A split of the asset.
    case split
    /// What a contract paid at its end.
    case payout(ContractID)

    /// In words.
    public var description: String {
      switch self {
      case .trade(let number): "trade \(number)"
      case .fee(let number): "fee \(number)"
      case .transfer(let why): "transfer \(why)"
      case .split: "split"
      case .payout(let contract): "payout \(contract)"
      }
    }
  }

  /// Whose.
  public var account: String
  /// How much of what, with its sign.
  public var money: Money
  /// Why.
  public var cause: Cause
  /// When.
  public var time: Instant
}

/// What a key may do at its exchange, as far as that tells.
public struct KeyPermissions: Hashable, Sendable {
  /// Whether it may place orders; nil: not told.
  public var canTrade: Bool?
  /// Whether it may move money out of the account; nil: not told.
  public var canWithdraw: Bool?
  /// Whether only certain addresses may use it; nil: not told.
  public var isBoundToAddresses: Bool?
  /// What trading needs and the key has not, in the exchange's words; empty where it is not told.
  public var lacking: [String] = []

  /// Permissions of these parts.
  public init(
    canTrade: Bool? = nil, canWithdraw: Bool? = nil, isBoundToAddresses: Bool? = nil
  ) {
    (self.canTrade, self.canWithdraw) = (canTrade, canWithdraw)
    self.isBoundToAddresses = isBoundToAddresses
  }

  /// Why real money must not be traded by this key; nil when it may be.
  ///
  /// - Parameter isConfirmed: whether a person has looked where the exchange does not tell.
  public func refusal(isConfirmed: Bool) -> (cause: String, remedy: String)? {
    if canTrade == false {
      return (
        "the key may not trade"
          + (lacking.isEmpty ? "" : ": it lacks \(lacking.joined(separator: ", "))"),
        "allow it to trade, and nothing else, at the exchange"
      )
    }
    switch canWithdraw {
    case true?:
      return (
        "the key may take money out of the account",
        "make a key that may trade and read alone; who steals it can then not empty the account"
      )
    case nil where !isConfirmed:
      return (
        "the exchange does not tell whether the key may take money out",
        "look there, and say so: `permissions: confirmed` of the account"
      )
    case false?, nil: return nil
    }
  }
}

public import Domain

/// What may be done with a contract now.
public enum ContractState: Hashable, Sendable, CustomStringConvertible {
  /// It trades.
  case listed
  /// Nothing trades; what rests stays, and may be cancelled.
  case halted
  /// It ends: positions may be sold, nothing may be bought.
  case closing
  /// It ended, and what it pays is not known yet.
  case expired
  /// It ended, and each unit paid so much of the quote asset.
  case settled(Amount)
  /// The venue does not know it, or no longer.
  case absent

  /// In words.
  public var description: String {
    switch self {
    case .listed: "listed"
    case .halted: "halted"
    case .closing: "closing"
    case .expired: "expired"
    case .settled(let payout): "settled at \(payout)"
    case .absent: "absent"
    }
  }
}

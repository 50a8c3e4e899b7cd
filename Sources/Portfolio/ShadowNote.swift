public import Domain

/// What is kept of an order that a shadow would have sent: the reason of its end.
public struct ShadowNote: Hashable, Sendable, CustomStringConvertible {
  /// What was quoted for its side at the moment of the send.
  public var price: Amount

  /// What the reason begins with.
  public static let prefix = "shadow: it would have been sent, quoted at "

  /// A note of a price.
  public init(price: Amount) { self.price = price }

  /// Reads the reason of an order; nil where that is another one.
  public init?(reason: String?) {
    guard let reason, reason.hasPrefix(Self.prefix),
      let price = Amount(String(reason.dropFirst(Self.prefix.count)))
    else { return nil }
    self.price = price
  }

  /// The reason of the order.
  public var description: String { Self.prefix + "\(price)" }
}

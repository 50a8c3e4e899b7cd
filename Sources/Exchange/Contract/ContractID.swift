/// The name by which one venue knows a contract: opaque, compared whole, never taken apart.
///
/// `ETHUSDT`, `XETHZUSD`, `KXHIGHNY-26NOV28-B45` or a number: what it means is the venue's affair, and
/// what a person sees is the contract's display pair.
public struct ContractID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The name of the venue in the configuration.
  public var venue: String
  /// The venue's own name of the contract.
  public var text: String

  /// A venue's contract.
  public init(venue: String, _ text: String) { (self.venue, self.text) = (venue, text) }

  /// Orders by venue and text.
  public static func < (a: ContractID, b: ContractID) -> Bool {
    (a.venue, a.text) < (b.venue, b.text)
  }

  /// `binance/ETHUSDT`.
  public var description: String { "\(venue)/\(text)" }
}

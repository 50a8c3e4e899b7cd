/// Why nothing is done about an instrument.
public struct Hold: Hashable, Sendable {
  /// What kind of reason it is, since a plan that could do nothing that it should is no success.
  public enum Kind: String, CaseIterable, Sendable {
    /// Nothing is to be done.
    case settled
    /// It is left as it is on purpose: no score, not on the list, halted.
    case kept
    /// Something is to be done, and is too small to be an order.
    case tooSmall = "too-small"
    /// Nobody can tell whether something is to be done: there is no fresh price.
    case blind
    /// Something is to be done, and cannot be: no cash, no equity, a doubt.
    case unable
  }

  /// The kind of reason.
  public var kind: Kind
  /// The reason in words.
  public var words: String

  /// A reason of a kind.
  public init(_ kind: Kind, _ words: String) { (self.kind, self.words) = (kind, words) }

  static let atTarget = Hold(.settled, "at target")
}

public import Domain

/// An order as the venue's own history tells it.
public struct PlacedOrder: Hashable, Sendable {
  /// How it stands.
  public var standing: OrderStanding
  /// When it was placed, by the venue's clock.
  public var placed: Instant

  /// An order of these parts.
  public init(_ standing: OrderStanding, placed: Instant) {
    (self.standing, self.placed) = (standing, placed)
  }
}

import Domain
public import Exchange

extension KrakenSpot {
  /// Every order of a contract that Kraken still tells, oldest first. It tells those of all pairs together:
  /// they are read once for all contracts.
  public func orders(of contract: Contract) async throws -> [PlacedOrder] {
    try await lookUp.history().filter { $0.standing.contract == contract.id }
      .map { PlacedOrder($0.standing, placed: $0.opened) }
      .sorted { ($0.placed, $0.standing.venueID) < ($1.placed, $1.standing.venueID) }
  }
}

public import Domain
import Settings
import Venues

extension JobCatalog {
  /// By how much the clock of each venue where an account trades with real money is ahead of ours; nil
  /// for one that does not answer in time.
  public func liveClocks(time: any TimeSource) async -> [TimeSpan?] {
    var offsets: [TimeSpan?] = []
    for name in Set(settings.accounts.values.filter(\.isLive).compactMap(\.venue)).sorted() {
      offsets.append(await offset(of: name, time))
    }
    return offsets
  }

  private func offset(of name: String, _ time: any TimeSource) async -> TimeSpan? {
    guard let source = source(named: name) else { return nil }
    do {
      return try await Self.within(Self.venueTimeout, of: name, time) {
        let sent = time.now
        guard let told = try await source.serverTime() else { return nil }
        return VenueClock(venue: told, sent: sent, answered: time.now)?.offset
      }
    } catch {
      // Not to answer proves nothing, whatever the reason.
      return nil
    }
  }
}

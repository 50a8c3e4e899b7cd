public import Domain

/// An exchange whose answers to questions lag behind its deeds, as those of real ones do: an order that
/// was taken is not found for a while, a cancelled one still seems to rest. Lost-and-found orders can
/// so be rehearsed.
public struct ReadView: Hashable, Sendable {
  /// How far questions are answered behind the clock.
  public var lag: TimeSpan
  private var versions: [Version]

  private struct Version: Hashable, Sendable {
    var time: Instant
    var core: ExchangeCore
  }

  /// A view of an exchange that stood like this for as long as the lag.
  public init(of core: ExchangeCore, lag: TimeSpan) {
    self.lag = lag
    versions = [Version(time: core.now - lag, core: core)]
  }

  /// Notes how the exchange stands now.
  public mutating func note(_ core: ExchangeCore) {
    versions.append(Version(time: core.now, core: core))
    // One version at or before the oldest time that can be asked for is kept, and all after it.
    let oldest = core.now - lag
    if let first = versions.lastIndex(where: { $0.time <= oldest }) {
      versions.removeFirst(first)
    }
  }

  /// The time of whose state questions are answered now.
  public func asOf(_ now: Instant) -> Instant { now - lag }

  /// Answers a question as of now - lag; a deed is not one and is refused.
  public func answer(_ question: Call, as account: String, at now: Instant) -> Answer {
    switch question {
    case .place, .cancel: return .refused(.impossible)
    case .find, .openOrders, .trades, .account: break
    }
    var core = (versions.last { $0.time <= asOf(now) } ?? versions[0]).core
    return core.handle(question, as: account, at: core.now)
  }
}

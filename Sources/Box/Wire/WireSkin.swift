public import Domain

/// A venue's way of talking, over the exchange that is behind all of them: a value that answers
/// requests one at a time, the same whenever it is asked the same.
public protocol WireSkin: Sendable {
  /// The exchange behind it.
  var floor: TradingFloor { get set }

  /// The answer to a request that came at a time of the exchange's clock, which is passed on to the
  /// exchange.
  ///
  /// - Parameter machine: the machine's own time, by which requests may be stamped where the exchange's
  ///   clock has left it.
  mutating func answer(_ request: WireRequest, at now: Instant, machine: Instant) -> WireReply

  /// What a request is to those who plan faults: `place`, `cancel`, `klines`.
  func callClass(of request: WireRequest) -> String

  /// The answer that refuses a request before anybody has looked at it.
  mutating func refusal(_ refusal: WireRefusal, at now: Instant) -> WireReply
}

/// Why a request is refused before anybody has looked at it.
public enum WireRefusal: Hashable, Sendable {
  /// Too many of them.
  case tooMany
  /// Banned for having gone on.
  case banned
  /// The venue does not want it, for no reason that could be foreseen.
  case rejected
  /// The venue is out of order, with a status of HTTP from 500 on.
  case outOfOrder(Int)
}

import Domain
import Logging
import Synchronization
import Venues

/// Keeps the venue's dead-man switch armed while a rebalance has orders that rest: should this process die,
/// or lose its way there, the venue cancels them.
///
/// It cancels the orders of everybody on the account, so it is armed for no longer than it is needed.
final class DeadManSwitch: Sendable {
  /// Whether and when it was armed: what is done is decided here.
  struct Hold: Hashable {
    /// Within which the venue must hear of us.
    let span: TimeSpan
    /// When it last did; nil while the switch is not armed.
    private(set) var heard: Instant?

    /// What is to be done.
    enum Action: Hashable { case arm, disarm }

    init(span: TimeSpan) { self.span = span }

    /// What is to be done now; nil: nothing. The venue hears of us thrice in a span, so that one message may
    /// be lost.
    func action(isResting: Bool, now: Instant) -> Action? {
      guard let heard else { return isResting ? .arm : nil }
      guard isResting else { return .disarm }
      let gone = now - heard
      return gone < .zero || gone.milliseconds * 3 >= span.milliseconds ? .arm : nil
    }

    /// Notes that it was done.
    mutating func done(_ action: Action, at now: Instant) {
      heard = action == .arm ? now : nil
    }
  }

  private let venue: any Venue
  private let time: any TimeSource
  private let hold: Mutex<Hold>

  /// A switch of a venue.
  init(_ venue: any Venue, span: TimeSpan, time: any TimeSource) {
    (self.venue, self.time) = (venue, time)
    hold = Mutex(Hold(span: span))
  }

  /// Arms it, renews it or takes it back, whichever is due.
  ///
  /// - Parameter isResting: whether an order rests, or will in a moment.
  /// - Throws: `Fault` when the venue does not confirm it: nothing may rest there then.
  func tend(isResting: Bool) async throws {
    let now = time.now
    guard let action = hold.withLock({ $0.action(isResting: isResting, now: now) }) else { return }
    let span = hold.withLock { $0.span }
    // From before it was sent: the venue's span began later.
    try await venue.cancelAll(after: action == .arm ? span : nil)
    hold.withLock { $0.done(action, at: now) }
  }

  /// Renews it while it is armed.
  func renew() async throws {
    guard hold.withLock({ $0.heard != nil }) else { return }
    try await tend(isResting: true)
  }

  /// Takes it back at the end of a rebalance. What a process armed that died is renewed by the next one where
  /// orders rest, and else cancels nothing of ours.
  func end(_ log: Logger) async {
    do {
      try await tend(isResting: false)
    } catch {
      log.warning(
        "the dead-man switch was not taken back: the exchange may cancel what rests there",
        metadata: ["reason": "\(error)"])
    }
  }
}

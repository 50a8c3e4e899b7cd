import Domain
import Store
import Synchronization

/// What is known of the shipping, for the two who work on it: one ships, one sends away. It is told in the
/// spool's folder, for health, metrics and alerts.
public final class ShippingBoard: Sendable {
  private let spool: LogSpool
  private let state: Mutex<(now: ShippingState, told: ShippingState?, toldAt: Instant?)>

  /// The state is told so often at most, while nothing is wrong.
  static let tellingInterval = TimeSpan.seconds(10)
  /// The size of the spool is looked at so often.
  static let measuringInterval = TimeSpan.minutes(1)

  /// The board of a database's spool; it goes on from what was told last.
  init(_ spool: LogSpool, interval: TimeSpan) throws(Fault) {
    self.spool = spool
    var now = ShippingState(interval: interval)
    if let before = try spool.state() {
      (now.through, now.remoteThrough) = (before.through, before.remoteThrough)
      (now.cuts, now.lastCut) = (before.cuts, before.lastCut)
    }
    state = Mutex((now, nil, nil))
  }

  /// How it stands.
  var present: ShippingState { state.withLock { $0.now } }

  /// Changes what is known.
  func change(_ body: (inout ShippingState) -> Void) { state.withLock { body(&$0.now) } }

  /// Tells it, where it is time, or something went wrong or well again.
  func tell(at now: Instant) throws(Fault) {
    let due: ShippingState? = state.withLock { state in
      let isQuiet =
        state.told?.trouble == state.now.trouble && state.told?.cuts == state.now.cuts
        && state.toldAt.map { now - $0 < Self.tellingInterval && now >= $0 } ?? false
      guard !isQuiet else { return nil }
      (state.told, state.toldAt) = (state.now, now)
      return state.now
    }
    if let due { try spool.tell(due) }
  }

  /// Looks at how large the spool is.
  func measure() throws(Fault) {
    let bytes = try spool.bytes()
    change { $0.spoolBytes = bytes }
  }
}

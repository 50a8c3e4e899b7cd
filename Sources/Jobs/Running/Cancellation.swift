public import Domain
import Synchronization

// A run that a person wants to end: at its next safe point, for good.
extension Runner {
  /// Asks the run of a slot to stop at its next safe point: it ends `failed`, with this reason and
  /// without another attempt; a pause between attempts is cut. A job that is done before it comes to
  /// a safe point is done. For slots that were claimed here: the run may still be about to begin.
  public func cancel(_ slot: Slot, because reason: RunReason) {
    cancellations.withLock { $0[slot] = reason }
    active.withLock { runs in
      runs[slot]?.cancel?()
      runs[slot]?.backoff?.cancel()
    }
  }

  /// Why a person wants the run of a slot to end; nil when nobody does.
  func cancellation(of slot: Slot) -> RunReason? { cancellations.withLock { $0[slot] } }
}

import Synchronization

/// What the process says about itself to the jobs it runs: whether it is draining, and whether its
/// wall clock is to be trusted. Shared by the daemon, which sets it, and the gate, which asks.
public final class Conditions: Sendable {
  private struct State {
    var isDraining = false
    var clockSuspicion: String?
  }

  private let state = Mutex(State())

  /// Why nothing may be sent as long as the process lives, whatever the database says; nil when it
  /// may.
  public let halt: String?

  /// Conditions in which all is well, but for a halt of the process itself.
  public init(halt: String? = nil) { self.halt = halt }

  /// Whether shutdown has begun: the job in flight finishes, but no back-off is waited out.
  public var isDraining: Bool {
    get { state.withLock { $0.isDraining } }
    set { state.withLock { $0.isDraining = newValue } }
  }

  /// Why the wall clock is not to be trusted; nil when it is.
  public var clockSuspicion: String? {
    get { state.withLock { $0.clockSuspicion } }
    set { state.withLock { $0.clockSuspicion = newValue } }
  }
}

public import Domain
import Synchronization

/// What the process says about itself to the jobs it runs: whether it is draining, and whether its
/// wall clock and its storage are to be trusted. Shared by the daemon, which sets it, and the gate,
/// which asks.
public final class Conditions: Sendable {
  /// That writes to the database are refused.
  public struct Storage: Hashable, Sendable {
    /// The newest refusal.
    public var fault: Fault
    /// What is wrong.
    public var trouble: StorageTrouble
    /// The uptime of the first refusal since a write last succeeded.
    public var since: TimeSpan
  }

  private struct State {
    var isDraining = false
    var clockSuspicion: String?
    var storage: Storage?
    var refusals: [GateRefusals: Int] = [:]
  }

  /// Orders that the gate refused, for one reason.
  public struct GateRefusals: Hashable, Comparable, Sendable {
    /// The account.
    public var account: String
    /// The reason in one word: `collar`.
    public var kind: String

    /// Refusals of an account.
    public init(account: String, kind: String) { (self.account, self.kind) = (account, kind) }

    /// By account, then kind.
    public static func < (a: GateRefusals, b: GateRefusals) -> Bool {
      (a.account, a.kind) < (b.account, b.kind)
    }
  }

  private let state = Mutex(State())

  /// Why nothing may be sent as long as the process lives, whatever the database says; nil when it
  /// may.
  public let halt: String?

  /// The accounts whose real money may be traded.
  public let armed: Set<String>

  /// Conditions in which all is well, but for a halt of the process itself.
  public init(halt: String? = nil, armed: Set<String> = []) {
    (self.halt, self.armed) = (halt, armed)
  }

  /// How often the gate refused an order, since the process started.
  public var refusals: [GateRefusals: Int] { state.withLock { $0.refusals } }

  /// Counts an order that the gate refused.
  public func count(_ refusal: GateRefusals) {
    state.withLock { $0.refusals[refusal, default: 0] += 1 }
  }

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

  /// What is wrong with the storage; nil while writes succeed.
  public var storage: Storage? { state.withLock { $0.storage } }

  /// Why no order may be sent for as long as this lasts, kept in memory alone since nothing can be
  /// written; nil while the storage holds.
  public var storageHalt: String? {
    storage.flatMap { $0.trouble.haltsTrading ? "\($0.fault)" : nil }
  }

  /// A write was refused. Returns whether this is news: the first refusal, or one of another kind.
  @discardableResult
  public func storageFailed(_ fault: Fault, uptime: TimeSpan) -> Bool {
    guard let trouble = fault.storage else { return false }
    return state.withLock { state in
      let before = state.storage
      // A lost database stays lost, whatever writes to its remains come to.
      if before?.trouble == .gone, trouble != .gone { return false }
      state.storage = Storage(fault: fault, trouble: trouble, since: before?.since ?? uptime)
      return before?.trouble != trouble
    }
  }

  /// A write succeeded. Returns what was wrong until now, if something was.
  @discardableResult
  public func storageWorks() -> Storage? {
    state.withLock { state in
      guard let before = state.storage, before.trouble != .gone else { return nil }
      state.storage = nil
      return before
    }
  }

  /// The database is where it was again.
  public func storageIsBack() {
    state.withLock { if $0.storage?.trouble == .gone { $0.storage = nil } }
  }
}

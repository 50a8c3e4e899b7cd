import Synchronization

/// The state of a key that ends with the process: for tests, and where there is no database yet.
public final class MemoryKeyKeeper: KrakenKeyKeeper {
  private struct Record {
    var state = KrakenKeyState()
    var isHeld = false
  }

  private let record = Mutex(Record())

  /// A key that was never used.
  public init() {}

  /// The state, unless somebody has it.
  public func take() -> (any KrakenKeyHold)? {
    record.withLock { record in
      if record.isHeld { return nil }
      record.isHeld = true
      return Hold(keeper: self, state: record.state)
    }
  }

  private struct Hold: KrakenKeyHold {
    let keeper: MemoryKeyKeeper
    let state: KrakenKeyState
    func write(_ state: KrakenKeyState) { keeper.record.withLock { $0.state = state } }
    func release() { keeper.record.withLock { $0.isHeld = false } }
  }
}

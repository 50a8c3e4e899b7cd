import CLinux
public import Domain
public import Logging
public import Store
import Synchronization

/// Ships the database's log every few seconds, on a thread of its own: the loop never waits for it.
public final class LogShipping: Sendable {
  /// What is known of it.
  public let board: ShippingBoard
  private let thread: PlainThread
  private let isStopped: Flag

  private final class Flag: Sendable {
    let isSet = Atomic<Bool>(false)
  }

  /// So long the thread takes at most to notice that it is to end.
  private static let glance = TimeSpan.milliseconds(250)

  /// Starts shipping.
  ///
  /// - Parameters:
  ///   - interval: how long what is committed may wait.
  ///   - time: by which it is told when something was shipped.
  /// - Throws: exit 69 when the system has no room for a thread, 73 or 74 when the disk refuses.
  public init(
    _ store: Store, every interval: TimeSpan, time: some TimeSource, log: Logger
  ) throws {
    // Before the first connection that is opened from now on.
    let spool = LogSpool(database: store.path)
    try spool.turn(on: true)
    let (flag, board) = (Flag(), try ShippingBoard(spool, interval: interval))
    (isStopped, self.board) = (flag, board)
    thread = try PlainThread(isDetached: false) {
      carillon_name_thread("shipper")
      var turns = ShippingTurns(store: store, board: board, time: time, log: log)
      var due = time.uptime
      while !flag.isSet.load(ordering: .relaxed) {
        if time.uptime >= due {
          turns.turn(at: time.now)
          due = time.uptime + interval
        }
        SystemTime.block(for: min(Self.glance, interval))
      }
      turns.drain(at: time.now)
    }
  }

  /// Ships what is left, folds the log, and waits until that is done.
  public func stop() {
    isStopped.isSet.store(true, ordering: .relaxed)
    thread.join()
  }
}

/// The turns of a shipper, and what is said of them: a trouble once, and when it is over.
private struct ShippingTurns {
  private let store: Store
  private let log: Logger
  private let board: ShippingBoard
  private let time: any TimeSource
  private var shipper: LogShipper?
  private var trouble: String?
  private var measured: Instant?
  private var cuts = 0

  init(store: Store, board: ShippingBoard, time: any TimeSource, log: Logger) {
    (self.store, self.board, self.time, self.log) = (store, board, time, log)
  }

  mutating func turn(at now: Instant) {
    ship(at: now)
    do {
      if measured.map({ now - $0 >= ShippingBoard.measuringInterval || now < $0 }) ?? true {
        measured = now
        try board.measure()
      }
      try board.tell(at: now)
    } catch {
      log.debug("the state of the shipping is not told", metadata: ["error": "\(error)"])
    }
  }

  private mutating func ship(at now: Instant) {
    do {
      let shipper = try self.shipper ?? LogShipper(store)
      self.shipper = shipper
      switch try shipper.ship(at: time.now) {
      case .nothing: break
      case .shipped(let frames): log.debug("log shipped", metadata: ["frames": "\(frames)"])
      case .began(let generation, let reason):
        log.notice(
          "the log is shipped from a new base",
          metadata: ["generation": "\(generation)", "reason": "\(reason)"])
      case .waiting(let reason):
        log.debug("a new base waits for a reader", metadata: ["reason": "\(reason)"])
        return
      }
      board.change { ($0.through, $0.trouble) = (now, nil) }
      if trouble != nil { log.notice("the log is shipped again") }
      trouble = nil
    } catch {
      tell(error, at: now)
    }
  }

  mutating func drain(at now: Instant) {
    do {
      try shipper?.drain(at: time.now)
      try shipper?.close()
      if shipper != nil { board.change { $0.through = now } }
      try board.measure()
      try board.tell(at: now)
    } catch {
      tell(error, at: now)
    }
  }

  private mutating func tell(_ error: any Error, at now: Instant) {
    let words = "\(error)"
    let isCut = (shipper?.cuts ?? 0) > cuts
    cuts = shipper?.cuts ?? 0
    board.change { state in
      state.trouble = .init(words, since: state.trouble?.since ?? now)
      if isCut { (state.cuts, state.lastCut) = (state.cuts + 1, now) }
    }
    if words != trouble { log.error("the log is not shipped: \(words)") }
    trouble = words
  }
}

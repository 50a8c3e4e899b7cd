public import Domain
import Jobs
public import Logging
import Store
import Synchronization

/// Sends the shipped log away every few seconds, on a thread of its own: neither the loop nor the shipper
/// waits for a network.
public final class LogSending: Sendable {
  private let board: ShippingBoard
  private let interval: TimeSpan
  private let time: any TimeSource
  private let log: Logger
  private let send: @Sendable () async throws -> Int
  private let bell = Doorbell()
  private let worker = WorkerThread(name: "log-sender")
  private let isStopping = Atomic<Bool>(false)
  private let loop = Mutex<Task<Void, Never>?>(nil)

  /// At the end, what was shipped last has so long to arrive.
  static let lastSending = TimeSpan.seconds(5)

  /// A sender of what a shipper ships; it does nothing yet.
  ///
  /// - Parameter send: sends what is not there yet, and returns how many objects it was.
  public init(
    after shipping: LogShipping, every interval: TimeSpan, time: any TimeSource, log: Logger,
    send: @escaping @Sendable () async throws -> Int
  ) {
    (board, self.interval, self.time) = (shipping.board, interval, time)
    (self.log, self.send) = (log, send)
  }

  /// Begins.
  public func start() {
    loop.withLock { $0 = Task(executorPreference: worker) { await self.work() } }
  }

  /// Sends what was shipped last, as far as that goes quickly, and ends.
  public func stop() async {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    bell.ring()
    let task = loop.withLock { $0 }
    let limit = Task { [time] in
      try await time.sleep(for: Self.lastSending)
      task?.cancel()
    }
    await task?.value
    limit.cancel()
    worker.stop()
  }

  private func work() async {
    var trouble: String?
    while true {
      // What was rung for before this turn is in it.
      let isLast = isStopping.load(ordering: .sequentiallyConsistent)
      trouble = await turn(trouble)
      if isLast || Task.isCancelled { return }
      await bell.wait(for: interval, time)
    }
  }

  private func turn(_ trouble: String?) async -> String? {
    let through = board.present.through
    do {
      let objects = try await send()
      if objects > 0 { log.debug("log sent away", metadata: ["objects": "\(objects)"]) }
      if trouble != nil { log.notice("the shipped log is sent away again") }
      board.change { $0.remoteThrough = through ?? $0.remoteThrough }
      return nil
    } catch {
      let words = "\(error)"
      if words != trouble { log.error("the shipped log is not sent away: \(words)") }
      // A remote that never answered is late from the beginning on.
      board.change { $0.remoteThrough = $0.remoteThrough ?? .epoch }
      return words
    }
  }
}

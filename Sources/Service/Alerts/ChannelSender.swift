public import Domain
import Jobs
import Logging
import Net
public import Notify
import Settings
public import Store
import Synchronization

/// Takes what waits for one channel through it, in order, on a thread of its own: a channel that hangs
/// holds up no other.
final class ChannelSender: Sendable {
  private let channel: AlertChannel
  private let store: Store
  private let transport: any HTTPTransport
  private let quiet: QuietHours?
  private let words: MessageWords
  private let time: any TimeSource
  private let log: Logger
  private let ring: @Sendable () -> Void
  private let bell = Doorbell()
  private let worker: WorkerThread
  private let isStopping = Atomic<Bool>(false)
  private let loop = Mutex<Task<Void, Never>?>(nil)

  /// Between two looks that nobody asked for.
  static let lookInterval = TimeSpan.seconds(30)
  /// What is looked at of all that waits.
  private static let lookedAt = OutboxPlan.mostPending + 100

  /// A sender that does nothing yet.
  ///
  /// - Parameter ring: tells that there is something new to be told, of this channel itself.
  init(
    _ channel: AlertChannel, _ store: Store, transport: any HTTPTransport, quiet: QuietHours?,
    words: MessageWords, time: any TimeSource, log: Logger, ring: @escaping @Sendable () -> Void
  ) {
    (self.channel, self.store, self.transport) = (channel, store, transport)
    (self.quiet, self.words, self.time, self.log) = (quiet, words, time, log)
    self.ring = ring
    worker = WorkerThread(name: "to-\(channel.name)")
  }

  /// Begins.
  func start() { loop.withLock { $0 = Task(executorPreference: worker) { await self.run() } } }

  /// Something may wait.
  func wake() { bell.ring() }

  /// Ends after what is under way.
  func stop() async {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    bell.ring()
    await loop.withLock { $0 }?.value
    worker.stop()
  }

  private func run() async {
    // What the channel took, and the database did not note: it is noted later, and not sent again.
    var taken: Set<Int64> = []
    while !isStopping.load(ordering: .sequentiallyConsistent) {
      var pause: TimeSpan? = Self.lookInterval
      do {
        pause = try await step(&taken)
      } catch {
        // The loop tells of a storage that refuses.
        log.debug("channel \(channel.name): \(error)")
      }
      if let pause { await bell.wait(for: min(pause, Self.lookInterval), time) }
    }
  }

  /// Does what is next. Returns how long there is nothing to do; nil when there may be more.
  private func step(_ taken: inout Set<Int64>) async throws -> TimeSpan? {
    let rows = try store.read {
      try $0.deliveries.pending(channel.name, limit: Self.lookedAt)
    }
    let now = time.now
    switch OutboxPlan.next(rows, quiet: quiet, now: now) {
    case .idle: return Self.lookInterval
    case .wait(let until): return max(until - now, .milliseconds(10))
    case .drop(let rows, let reason):
      try store.write(at: now) { transaction in
        for row in rows { try transaction.deliveries.drop(row, reason: reason) }
      }
      log.warning("channel \(channel.name): \(rows.count) messages are given up: \(reason)")
      return nil
    case .send(let row):
      if !taken.contains(row.event) {
        let verdict = await channel.deliver(words.message(row), over: transport, now: now)
        guard case .taken = verdict else {
          try failed(row, verdict)
          return nil
        }
        taken.insert(row.event)
      }
      try store.write(at: time.now) { transaction in
        try transaction.deliveries.sent(row)
        try transaction.alerts.settle(
          .channel, channel.name, saying: "channel \(channel.name) takes messages again")
      }
      taken.remove(row.event)
      return nil
    }
  }

  private func failed(_ row: DeliveryRecord, _ verdict: ChannelVerdict) throws {
    let now = time.now
    let tries = row.tries + 1
    let (reason, asked, isRefused): (String, TimeSpan?, Bool) =
      switch verdict {
      case .failed(let reason, let asked): (reason, asked, false)
      case .refused(let reason): (reason, nil, true)
      case .taken: preconditionFailure("what was taken has not failed")
      }
    try store.write(at: now) { transaction in
      if isRefused, tries >= OutboxPlan.mostRefusals {
        try transaction.deliveries.drop(row, reason: "refused: \(reason)")
      } else {
        try transaction.deliveries.failed(
          row, reason: reason, due: now + OutboxPlan.pause(after: tries, asked: asked))
      }
      if tries >= OutboxPlan.failuresOfADeadChannel {
        try transaction.alerts.raise(
          Alert(
            .channel, of: channel.name,
            "channel \(channel.name) has failed \(tries) times with a message: \(reason)",
            remedy: "carillon notify test \(channel.name)"))
      }
    }
    if tries >= OutboxPlan.failuresOfADeadChannel { ring() }
    log.warning("channel \(channel.name) does not take a message (try \(tries)): \(reason)")
  }
}

/// What all messages of a process have in common.
public struct MessageWords: Sendable {
  let mode: String
  let link: String?
  let secrets: SecretSweep

  /// Words of these parts.
  public init(mode: String, link: String?, secrets: SecretSweep) {
    (self.mode, self.link, self.secrets) = (mode, link, secrets)
  }

  /// The message of a delivery.
  public func message(_ row: DeliveryRecord) -> AlertMessage {
    AlertMessage(
      id: row.event, alertID: row.alert, event: row.what, alert: row.told, time: row.time,
      since: row.since, count: row.count, mode: mode, link: link, without: secrets)
  }

  /// The message of an alert that is no row.
  public func message(_ alert: Alert, now: Instant) -> AlertMessage {
    AlertMessage(
      id: now.milliseconds, alertID: 0, event: .noted, alert: alert, time: now, since: now,
      mode: mode, link: link, without: secrets)
  }
}

public import Domain
import Jobs
public import Logging
public import Net
import Notify
public import Settings
public import Store
import Synchronization

/// Keeps the alerts of a running service and sees that people are told, on threads of its own, so that no
/// job is delayed.
public final class Notifier: Sendable {
  private let keeper: AlertKeeper
  private let store: Store
  private let channels: [AlertChannel]
  private let senders: [ChannelSender]
  private let subscriptions: [Subscription]
  private let transport: any HTTPTransport
  private let words: MessageWords
  private let time: any TimeSource
  private let log: Logger
  private let bell: Doorbell
  private let worker = WorkerThread(name: "alerts")
  private let isStopping = Atomic<Bool>(false)
  private let loop = Mutex<Task<Void, Never>?>(nil)

  /// However much happens, it is not looked more often.
  static let shortestInterval = TimeSpan.seconds(10)
  /// At the stop, what is to be told has so long.
  static let lastWords = TimeSpan.seconds(5)
  private static let glance = TimeSpan.milliseconds(50)

  /// A notifier that does nothing yet.
  ///
  /// - Parameters:
  ///   - channels: whom to tell.
  ///   - transport: reaches those that are addresses.
  public init(
    _ store: Store, survey: HealthSurvey, vitals: Vitals, settings: NotifySettings,
    channels: [AlertChannel], words: MessageWords, transport: any HTTPTransport,
    time: any TimeSource,
    log: Logger
  ) {
    keeper = AlertKeeper(store, survey: survey, vitals: vitals)
    (self.store, self.channels, self.words) = (store, channels, words)
    (self.transport, self.time, self.log) = (transport, time, log)
    subscriptions = channels.map { Subscription($0.name, from: $0.settings.severity) }
    let bell = Doorbell()
    self.bell = bell
    senders = channels.map { channel in
      ChannelSender(
        channel, store, transport: transport, quiet: settings.quietHours, words: words, time: time,
        log: log
      ) { bell.ring() }
    }
  }

  /// Begins; what waits for channels that there are no more is given up.
  ///
  /// - Throws: a `Fault` of the database.
  public func start() throws {
    let names = channels.map(\.name)
    let lost = try store.write(at: time.now) { try $0.deliveries.dropAll(except: names) }
    if lost > 0 {
      log.warning("\(lost) messages are given up: the settings name their channels no more")
    }
    for sender in senders { sender.start() }
    loop.withLock { $0 = Task(executorPreference: worker) { await self.run() } }
  }

  /// Something has happened that people may have to be told of; callable from every thread.
  public func ring() { bell.ring() }

  private func run() async {
    var looked: TimeSpan?
    var direct = DirectWords()
    while !isStopping.load(ordering: .sequentiallyConsistent) {
      let now = time.now
      var actions: [AlertWatch.Action] = []
      // What a transaction caused is there already; a look is for the rest.
      if looked.map({ time.uptime - $0 >= Self.shortestInterval }) ?? true {
        looked = time.uptime
        actions = keeper.look(now: now)
      }
      await keep(actions, &direct, now: now)
      await bell.wait(for: AlertKeeper.lookInterval, time)
    }
  }

  /// Keeps what follows from a look; where it cannot be kept, it is told all the same.
  private func keep(
    _ actions: [AlertWatch.Action], _ direct: inout DirectWords, now: Instant
  ) async {
    let owed = direct.owed
    do {
      if try keeper.keep(actions, owed: owed, for: subscriptions, now: now) { wakeAll() }
      _ = direct.takeOwed()
    } catch {
      var alerts = actions.compactMap { action -> Alert? in
        if case .open(let alert) = action { alert } else { nil }
      }
      if let fault = error as? Fault, !alerts.contains(where: { $0.kind == .storage }) {
        alerts.append(
          Alert(.storage, "nothing can be recorded: \(fault)", remedy: fault.remedy))
      }
      for alert in alerts where direct.admits(alert, now: now) { await tell(alert, now: now) }
    }
  }

  /// Tells all channels that want it, once, straight away.
  private func tell(_ alert: Alert, now: Instant) async {
    log.warning("told from memory, since it cannot be recorded: \(alert.key)")
    for channel in channels where alert.severity >= channel.settings.severity {
      let message = words.message(alert, now: now)
      let verdict = await channel.deliver(message, over: transport, now: now)
      if verdict != .taken { log.error("channel \(channel.name): \(verdict)") }
    }
  }

  private func wakeAll() { for sender in senders { sender.wake() } }

  /// Ends; what is to be told by now is told first, as far as it goes in a few seconds. The database may
  /// be closed afterwards.
  public func stop() async {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    bell.ring()
    await loop.withLock { $0 }?.value
    let end = time.uptime + Self.lastWords
    do {
      if try keeper.keep([], owed: [], for: subscriptions, now: time.now) { wakeAll() }
      while time.uptime < end, try isSending() { try await time.sleep(for: Self.glance) }
    } catch {
      log.debug("the last words wait for the next start: \(error)")
    }
    for sender in senders { await sender.stop() }
    worker.stop()
  }

  /// Whether something waits that has not failed yet: what has, has time until the next start.
  private func isSending() throws -> Bool {
    try store.read { transaction in
      try channels.contains { channel in
        try transaction.deliveries.pending(channel.name, limit: 1).contains { $0.tries == 0 }
      }
    }
  }
}

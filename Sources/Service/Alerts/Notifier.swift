public import Domain
import Jobs
public import Logging
public import Store
import Synchronization

/// Keeps the alerts of a running service, on a thread of its own, so that no job is delayed.
public final class Notifier: Sendable {
  private let keeper: AlertKeeper
  private let time: any TimeSource
  private let log: Logger
  private let bell = Doorbell()
  private let worker = WorkerThread(name: "alerts")
  private let isStopping = Atomic<Bool>(false)
  private let loop = Mutex<Task<Void, Never>?>(nil)

  /// However much happens, it is not looked more often.
  static let shortestInterval = TimeSpan.seconds(10)

  /// A notifier that does nothing yet.
  public init(
    _ store: Store, survey: HealthSurvey, vitals: Vitals, time: any TimeSource, log: Logger
  ) {
    keeper = AlertKeeper(store, survey: survey, vitals: vitals, time: time, log: log)
    (self.time, self.log) = (time, log)
  }

  /// Begins.
  public func start() {
    loop.withLock { $0 = Task(executorPreference: worker) { await self.run() } }
  }

  /// Something has happened that people may have to be told of; callable from every thread.
  public func ring() { bell.ring() }

  private func run() async {
    var refused = false
    var looked: TimeSpan?
    while !isStopping.load(ordering: .sequentiallyConsistent) {
      do {
        // What a transaction caused is there already; a look is for the rest.
        if looked.map({ time.uptime - $0 >= Self.shortestInterval }) ?? true {
          looked = time.uptime
          try keeper.look(now: time.now)
        }
        refused = false
      } catch {
        // The loop tells of a storage that refuses; once is enough here.
        if !refused { log.warning("what people are to be told cannot be kept: \(error)") }
        refused = true
      }
      await bell.wait(for: AlertKeeper.lookInterval, time)
    }
  }

  /// Ends. The database may be closed afterwards.
  public func stop() async {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    bell.ring()
    await loop.withLock { $0 }?.value
    worker.stop()
  }
}

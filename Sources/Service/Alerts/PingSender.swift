public import Domain
import Jobs
import Logging
public import Net
import Notify
public import Store
import Synchronization

/// Tells a watcher elsewhere that jobs are alive, as healthchecks.io has it: a request at the start of a run
/// (`/start`), one at its success, one at its failure (`/fail`) with what it printed last. Who hears nothing
/// in time knows that something is wrong, also where this machine is gone.
///
/// It is for the moment: what cannot be told at once is worth nothing later.
public final class PingSender: Sendable {
  /// What became of a run.
  public enum News: Sendable {
    /// It has started.
    case started
    /// It has succeeded.
    case succeeded
    /// It has failed, and why.
    case failed(String)
  }

  private struct Ping: Sendable {
    var job: JobName
    var news: News
    var run: Int64?
  }

  private let addresses: [JobName: Secret]
  private let store: Store
  private let transport: any HTTPTransport
  private let time: any TimeSource
  private let secrets: SecretSweep
  private let queue = Mutex<[Ping]>([])
  private let bell = Doorbell()
  private let worker = WorkerThread(name: "pings")
  private let isStopping = Atomic<Bool>(false)
  private let loop = Mutex<Task<Void, Never>?>(nil)

  /// What waits at most; beyond it, the oldest is forgotten.
  static let mostWaiting = 100
  /// A ping is tried so often.
  static let mostTries = 3
  /// Between two tries.
  static let pause = TimeSpan.seconds(1)
  /// The time for one request.
  static let timeout = TimeSpan.seconds(5)
  /// What is told of what a run printed.
  static let mostLogBytes = 8 << 10
  /// Parts of the output that are looked through.
  private static let mostParts = 2000

  /// A sender to these addresses, by job; it does nothing yet.
  public init(
    _ addresses: [JobName: Secret], _ store: Store, transport: any HTTPTransport,
    secrets: [Secret], time: any TimeSource
  ) {
    (self.addresses, self.store, self.transport, self.time) = (addresses, store, transport, time)
    self.secrets = SecretSweep(secrets)
  }

  /// Begins.
  public func start() {
    loop.withLock { $0 = Task(executorPreference: worker) { await self.send() } }
  }

  /// Something became of a run; callable from every thread, and never waits.
  public func tell(_ job: JobName, _ news: News, run: Int64?) {
    guard addresses[job] != nil else { return }
    queue.withLock { queue in
      queue.append(Ping(job: job, news: news, run: run))
      if queue.count > Self.mostWaiting { queue.removeFirst() }
    }
    bell.ring()
  }

  /// Ends, once what waits was tried.
  public func stop() async {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    bell.ring()
    await loop.withLock { $0 }?.value
    worker.stop()
  }

  private func send() async {
    while true {
      let next = queue.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      if let next {
        await send(next)
      } else if isStopping.load(ordering: .sequentiallyConsistent) {
        return
      } else {
        await bell.wait(for: .hours(1), time)
      }
    }
  }

  private func send(_ ping: Ping) async {
    guard let address = addresses[ping.job] else { return }
    let (suffix, body): (String, String) =
      switch ping.news {
      case .started: ("/start", "")
      case .succeeded: ("", "")
      case .failed(let reason): ("/fail", failure(reason, ping.run))
      }
    let request = HTTPRequest(
      address.reveal { $0 } + suffix, method: "POST",
      headers: [HTTPField("Content-Type", "text/plain; charset=utf-8")], body: Array(body.utf8),
      timeout: Self.timeout, maximumBodyBytes: 64 << 10, isIdempotent: false)
    for attempt in 1...Self.mostTries {
      do {
        if (200..<300).contains(try await transport.send(request).status) { return }
        guard attempt < Self.mostTries else { return }
        try await time.sleep(for: Self.pause)
      } catch {
        continue  // the watcher tells that it hears nothing
      }
    }
  }

  /// Why it failed, and the end of what it printed.
  private func failure(_ reason: String, _ run: Int64?) -> String {
    var bytes: [UInt8] = []
    if let run {
      do {
        bytes = try store.read { transaction in
          try transaction.output.parts(of: run, limit: Self.mostParts).flatMap(\.bytes)
        }.suffix(Self.mostLogBytes)
      } catch {
        return Alert.line(secrets.swept(reason))  // the reason is told without the log
      }
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { Alert.line(secrets.swept(String($0))) }
    return ([Alert.line(secrets.swept(reason))] + lines).joined(separator: "\n")
  }
}

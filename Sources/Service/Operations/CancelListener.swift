public import Domain
public import Jobs
public import Logging
public import Store

/// Listens, beside a run by hand, for a person who wants it to end: the service cannot reach into
/// another process, so that one looks at the requests itself.
public final class CancelListener: Sendable {
  /// The pause between two looks.
  static let pause = TimeSpan.seconds(1)

  private let slot: Slot
  private let store: Store
  private let runner: Runner
  private let log: Logger
  private let began: Instant

  /// A listener for the run of a slot that begins now.
  public init(_ slot: Slot, _ store: Store, _ runner: Runner, log: Logger, now: Instant) {
    (self.slot, self.store, self.runner, self.log, began) = (slot, store, runner, log, now)
  }

  /// Listens while a body runs, on a thread of its own.
  public func during<Value: Sendable>(
    _ time: any TimeSource, _ body: () async throws -> Value
  ) async throws -> Value {
    let worker = WorkerThread(name: "requests")
    defer { worker.stop() }
    let task = Task(executorPreference: worker) { [self] in
      while !Task.isCancelled {
        look(now: time.now)
        do { try await time.sleep(for: Self.pause) } catch { return }  // the run has ended
      }
    }
    let result: Result<Value, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    task.cancel()
    await task.value
    return try result.get()
  }

  /// Looks once. A database that is busy is looked at again.
  func look(now: Instant) {
    do {
      try answer(now: now)
    } catch {
      log.warning("cannot look at the requests: \(error)")
    }
  }

  private func answer(now: Instant) throws {
    let open = try store.read { try $0.requests.open() }
    for record in open where record.created >= began {
      guard case .cancel(slot, let why)? = OperatorRequest(record) else { continue }
      runner.cancel(slot, because: .cancelled(why))
      let answer = OperatorAnswer(
        .done, "\(slot) was asked to stop; it does at its next safe point")
      try store.write(at: now) { transaction in
        guard try transaction.requests.answer(record.id, answer.outcome, answer.words) else {
          return
        }
        try transaction.audit.append(
          record.verb, OperatorRequest.audit(record.subject, why, answer), of: record.subject)
      }
    }
  }
}

import Domain
import Logging
import Store
import Synchronization

/// The lines that a job logs during an attempt, kept until they are committed with its end.
final class LogCapture: Sendable {
  /// So much is kept of one attempt.
  static let limitBytes = 64 << 10

  private struct State {
    var bytes: [UInt8] = []
    var omitted = 0
  }

  private let state = Mutex(State())

  /// A log that writes to another and is captured here.
  func logger(over log: Logger) -> Logger {
    var log = log
    log.handler = CapturedLog(handler: log.handler, capture: self)
    return log
  }

  /// Adds what was captured to the run's output.
  func commit(to transaction: WriteTransaction, _ slot: Slot, run: Int64, attempt: Int) throws {
    let (bytes, omitted) = state.withLock { ($0.bytes, $0.omitted) }
    guard !bytes.isEmpty else { return }
    let rest = omitted == 0 ? "" : "carillon: \(omitted) more lines are left out\n"
    try transaction.output.prune(slot.job, run: run, attempt: attempt)
    try transaction.output.append(bytes + rest.utf8, to: run, attempt: attempt, stream: .log)
  }

  fileprivate func add(_ line: String) {
    state.withLock { state in
      guard state.bytes.count + line.utf8.count < Self.limitBytes else { return state.omitted += 1 }
      state.bytes += line.utf8
      state.bytes.append(10)
    }
  }
}

/// Passes entries on, and their text to the capture.
private struct CapturedLog: LogHandler {
  var handler: any LogHandler
  let capture: LogCapture

  var metadata: Logger.Metadata {
    get { handler.metadata }
    set { handler.metadata = newValue }
  }
  // What is worth keeping with a run does not depend on what is worth showing.
  var logLevel: Logger.Level {
    get { min(handler.logLevel, .info) }
    set { handler.logLevel = newValue }
  }
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { handler[metadataKey: key] }
    set { handler[metadataKey: key] = newValue }
  }

  func log(event: LogEvent) {
    let pairs = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
    let error = event.error.map { " error=\($0)" } ?? ""
    capture.add("\(event.level): \(event.message)\(pairs.joined())\(error)")
    if event.level >= handler.logLevel { handler.log(event: event) }
  }
}

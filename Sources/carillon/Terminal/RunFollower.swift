import Domain
import Jobs
import Service
import Store

/// Shows what a run by hand prints while it runs, and on a terminal, while it prints nothing, for how
/// long it has been running.
struct RunFollower: Sendable {
  /// The run, which this process has claimed.
  let claimed: ClaimedRun
  /// Where its output is.
  let store: Store
  /// How long its job usually takes, if that is known.
  let usual: TimeSpan?

  /// The pause between two looks.
  static let pause = TimeSpan.milliseconds(250)
  /// A run that prints nothing for so long is told to be running.
  static let patience = TimeSpan.seconds(2)
  /// How a note of ours among the output begins; other lines of the log are not the program's.
  private static let noteStart = Array("carillon: ".utf8)

  /// Follows while a body runs, on a thread of its own; all that was printed is shown when it returns.
  func during<Value: Sendable>(
    _ time: any TimeSource, _ body: () async throws -> Value
  ) async throws -> Value {
    let worker = WorkerThread(name: "output")
    defer { worker.stop() }
    let task = Task(executorPreference: worker) { [self] in await follow(time) }
    let result: Result<Value, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    task.cancel()
    await task.value
    return try result.get()
  }

  private func follow(_ time: any TimeSource) async {
    let attempt = claimed.attempt
    var reading = RunOutputReading(
      store, OutputPrinter(run: claimed.run, asJSON: false),
      includes: { part in
        part.attempt >= attempt
          && (part.stream != .log || part.bytes.starts(with: Self.noteStart))
      })
    var line = RunningLine(began: time.uptime, usual: usual)
    do {
      while !Task.isCancelled {
        let hasPrinted = try reading.printNew { line.clear() }
        line.turn(at: time.uptime, hasPrinted: hasPrinted)
        do { try await time.sleep(for: Self.pause) } catch { break }  // the run has ended
      }
      // What a run that has ended printed is all there.
      _ = try reading.printNew { line.clear() }
    } catch {
      line.clear()
      Console.say("carillon: its output cannot be followed: \(error)")
      Console.say("  see it later: carillon job log \(claimed.run)")
    }
    line.clear()
    reading.finish()
  }
}

/// `running for 1m05s, usually 2h`, on a terminal, where nothing else is shown.
private struct RunningLine {
  private let began: TimeSpan
  private let usual: TimeSpan?
  private var quietSince: TimeSpan
  private var shownSeconds: Int64?
  private let isWanted = StandardStream.error.isTerminal && StandardStream.output.isTerminal

  init(began: TimeSpan, usual: TimeSpan?) {
    (self.began, self.usual, quietSince) = (began, usual, began)
  }

  mutating func turn(at uptime: TimeSpan, hasPrinted: Bool) {
    if hasPrinted { quietSince = uptime }
    let seconds = (uptime - began).milliseconds / 1000
    guard isWanted, uptime - quietSince >= RunFollower.patience, seconds != shownSeconds else {
      return
    }
    shownSeconds = seconds
    let hint = usual.map { ", usually \($0.brief)" } ?? ""
    StandardStream.error.write(
      text: "\r\u{1B}[Krunning for \(TimeSpan.seconds(seconds).rounded)\(hint)")
  }

  mutating func clear() {
    guard shownSeconds != nil else { return }
    shownSeconds = nil
    StandardStream.error.write(text: "\r\u{1B}[K")
  }
}

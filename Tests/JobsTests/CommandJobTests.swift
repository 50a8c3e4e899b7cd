import Domain
import Foundation
import Logging
import Store
import StrictYAML
import Testing

@testable import Jobs

/// What a run left in the database of its output.
private func output(_ bench: Workbench, _ end: RunEnd?) throws -> [RunOutput] {
  let run = try #require(end?.run)
  return try bench.store.read { try $0.output.parts(of: run, limit: 100_000) }
}

private func text(_ parts: [RunOutput], _ stream: RunStream = .out) -> String {
  String(decoding: parts.filter { $0.stream == stream }.flatMap(\.bytes), as: UTF8.self)
}

/// Programs run as jobs, from their parameters to the ledger.
@Suite struct CommandJobTests {
  private func run(
    _ bench: Workbench, _ parameters: String, hours: Int64 = 1, attempts: Int = 1,
    time: (any TimeSource)? = nil, timeout: TimeSpan = .minutes(5)
  ) async throws -> RunEnd? {
    let job = try bench.job(.command, try bench.settings(), with: parameters)
    let policy = JobPolicy(
      kind: .command, timeout: timeout,
      retry: RetryPolicy(
        max: attempts, firstBackoff: .milliseconds(1), lastBackoff: .milliseconds(1)))
    return try await bench.run(job, hours: hours, policy: policy, time: time)
  }

  @Test func theLastLineIsTheResultAndAllIsKept() async throws {
    let bench = try Workbench()
    let end = try await run(bench, "{ run: [printf, 'one\\ntwo\\n\\n'] }")
    #expect(end?.state == .succeeded)
    #expect(end?.result?.summary == "two")
    #expect(text(try output(bench, end)) == "one\ntwo\n\n")
  }

  @Test func silenceIsSuccessToo() async throws {
    let bench = try Workbench()
    let end = try await run(bench, "{ run: ['true'] }")
    #expect(end?.result?.summary == "exit code 0")
    #expect(try output(bench, end).isEmpty)
  }

  /// Exit codes and signals, what they come to, and the reason on record.
  @Test(
    arguments: [
      ("exit 1", 1, "cannot run /bin/sh: it ended with exit code 1"),
      (
        "echo a >&2; echo b >&2; echo c >&2; echo d >&2; exit 3", 1,
        "it ended with exit code 3: b | c | d"
      ),
      ("echo nope >&2; exit 75", 3, "it ended with exit code 75: nope"),
      ("exit 7", 3, "it ended with exit code 7"),
      ("exit 74", 1, "it ended with exit code 74"),
      ("kill -KILL $$", 1, "SIGKILL ended it"),
      ("kill -ABRT $$", 1, "SIGABRT ended it"),
    ])
  func exitCodesDecide(_ script: String, _ attempts: Int, _ reason: String) async throws {
    let bench = try Workbench()
    let end = try await run(
      bench, "{ run: \"\(script)\", shell: true, retry-on: [7] }", attempts: 3)
    #expect(end?.state == .failed)
    #expect(end?.reason?.hasSuffix(reason) == true, "\(end?.reason ?? "")")
    let tries = try bench.store.read { try $0.runs.attempts(of: try #require(end?.run)) }
    #expect(tries.count == attempts)
  }

  @Test func aTransientEndIsTriedAgain() async throws {
    let bench = try Workbench()
    let end = try await run(
      bench,
      "{ run: 'echo \"try $CARILLON_ATTEMPT\"; test $CARILLON_ATTEMPT = 3 || exit 75', shell: true }",
      attempts: 3)
    #expect(end?.state == .succeeded)
    #expect(end?.result?.summary == "try 3")
    let parts = try output(bench, end)
    #expect(parts.map(\.attempt) == [1, 2, 3])
    #expect(text(parts) == "try 1\ntry 2\ntry 3\n")
  }

  @Test func theProgramIsToldWhatItRunsFor() async throws {
    let bench = try Workbench()
    setenv("CARILLON_VENUES__SECRET", "hidden", 1)
    defer { unsetenv("CARILLON_VENUES__SECRET") }
    let end = try await run(
      bench, "{ run: [env], environment: { OWN: 'b c', NUMBER: 7 } }", hours: 2)
    let lines = Set(text(try output(bench, end)).split(separator: "\n").map(String.init))
    // The database of the bench lies in a temporary folder, which may be a link elsewhere.
    let database = try #require(
      bench.folder.appendingPathComponent("carillon.db").path.withCString { realpath($0, nil) })
    defer { free(database) }
    let own = lines.filter { $0.hasPrefix("CARILLON_") }
    #expect(
      own == [
        "CARILLON_JOB=command", "CARILLON_SLOT=2026-01-01T02:00:00Z",
        "CARILLON_RUN=\(try #require(end?.run))", "CARILLON_ATTEMPT=1",
        "CARILLON_DATABASE=\(String(cString: database))",
      ])
    #expect(lines.isSuperset(of: ["OWN=b c", "NUMBER=7"]))
    #expect(lines.contains { $0.hasPrefix("PATH=") })
  }

  @Test func itStartsBesideTheSettings() async throws {
    let bench = try Workbench()
    try bench.write("hello", to: "deep/file.txt")
    #expect(
      try await run(bench, "{ run: [cat, deep/file.txt] }")?.result?.summary == "hello")
    let deeper = try await run(bench, "{ run: [cat, file.txt], directory: deep }", hours: 2)
    #expect(deeper?.result?.summary == "hello")
  }

  @Test(
    arguments: [
      ("{ run: [no-such-program] }", "there is no such program on the PATH"),
      ("{ run: [./not-there] }", "there is no file"),
      ("{ run: [./candles.txt] }", "may not be run"),
      ("{ run: ['true'], directory: nowhere }", "its directory"),
    ])
  func whatCannotStartFailsAtOnce(_ parameters: String, _ words: String) async throws {
    let bench = try Workbench()
    try bench.write("data", to: "candles.txt")
    let end = try await run(bench, parameters, attempts: 3)
    #expect(end?.state == .failed)
    #expect(end?.fault?.exit == .noInput)
    #expect(end?.reason?.contains(words) == true, "\(end?.reason ?? "")")
    let tries = try bench.store.read { try $0.runs.attempts(of: try #require(end?.run)) }
    #expect(tries.count == 1)
  }

  @Test func outputIsBoundedAndSaysSo() async throws {
    let bench = try Workbench()
    // Lines of 8 bytes from 1000000 to 1999999: 8 MB, of which 64 kB are kept.
    let end = try await run(bench, "{ run: [seq, '1000000', '1999999'], output-limit: 65536 }")
    #expect(end?.result?.summary == "1999999")
    let parts = try output(bench, end)
    let note = text(parts, .log)
    let kept = parts.filter { $0.stream == .out }.reduce(0) { $0 + $1.bytes.count }
    #expect(kept <= 65536)
    #expect(kept > 50000)
    #expect(note == "carillon: \(8_000_000 - kept) bytes are left out here (output-limit 65536)\n")
    let place = try #require(parts.firstIndex { $0.stream == .log })
    #expect(text(Array(parts[..<place])).hasPrefix("1000000\n1000001\n"))
    #expect(text(Array(parts[place...])).hasSuffix("1999998\n1999999\n"))
  }

  @Test func outputNeedNotBeText() async throws {
    let bench = try Workbench()
    let end = try await run(bench, #"{ run: [printf, '\377\376 \000x\n\033[1m done'] }"#)
    #expect(end?.state == .succeeded)
    #expect(end?.result?.summary == "[1m done")
    #expect(
      try output(bench, end).flatMap(\.bytes)
        == [255, 254, 32, 0, 120, 10, 27] + Array("[1m done".utf8))
  }

  @Test func whatIsLeftBehindIsACaveat() async throws {
    let bench = try Workbench()
    let end = try await run(
      bench, "{ run: 'sleep 1000 & echo started', shell: true, kill-after: 0s }")
    #expect(end?.state == .succeeded)
    #expect(end?.reason == "it left processes behind, which were ended")
    #expect(text(try output(bench, end), .log).contains("left behind were ended"))
  }

  @Test func aTimeoutEndsAProgramThatIgnoresIt() async throws {
    let bench = try Workbench()
    let ready = bench.folder.appendingPathComponent("ready").path
    try #require(mkfifo(ready, 0o600) == 0)
    let end = try await run(
      bench,
      "{ run: 'trap \"\" TERM; echo begun; : > ready; while :; do sleep 1; done', "
        + "shell: true, kill-after: 50ms }",
      time: SignalledTime(bench.time, fifo: ready), timeout: .minutes(5))
    #expect(end?.state == .timedOut)
    #expect(end?.reason?.contains("longer than its time-out of 5m") == true)
    let parts = try output(bench, end)
    #expect(text(parts) == "begun\n")
    #expect(text(parts, .log) == "carillon: told to stop, it ended with SIGKILL\n")
  }

  @Test func anInterruptedRunIsOwed() async throws {
    let bench = try Workbench()
    let ready = bench.folder.appendingPathComponent("ready").path
    try #require(mkfifo(ready, 0o600) == 0)
    let job = try bench.job(
      .command, try bench.settings(),
      with: "{ run: 'trap \"echo bye; exit 0\" TERM; : > ready; while :; do sleep 0.01; done', "
        + "shell: true }")
    let runner = bench.runner()
    async let waited: Void = Fifo.awaitOpened(ready)
    async let ended = bench.run(job, hours: 1, runner: runner)
    await waited
    runner.interrupt()
    let end = try await ended
    #expect(end?.state == .interrupted)
    let parts = try output(bench, end)
    #expect(text(parts) == "bye\n")
    #expect(text(parts, .log) == "carillon: told to stop, it ended with exit code 0\n")
    let debts = try bench.store.read { try $0.runs.debts() }
    #expect(debts.map(\.state) == [.interrupted])
  }

  @Test func theNextAttemptWaitsForTheLastOnesProcesses() async throws {
    let bench = try Workbench()
    let job = try bench.job(.command, try bench.settings(), with: "{ run: ['true'] }")
    // Somebody else, like the guard of a process that was killed, holds the job's lock.
    let path = bench.folder.appendingPathComponent("carillon.db.locks/command-command").path
    let held = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    defer { close(held) }
    try #require(flock(held, LOCK_EX) == 0)
    let end = try await bench.run(
      job, hours: 1, policy: JobPolicy(kind: .command, timeout: .milliseconds(1)))
    #expect(end?.state == .timedOut)
    #expect(
      text(try output(bench, end), .log)
        == "warning: waiting for the processes of an earlier attempt to end\n")
    try #require(flock(held, LOCK_UN) == 0)
    #expect(try await bench.run(job, hours: 2)?.state == .succeeded)
  }
}

/// The mistakes in parameters of a command, with their places.
@Suite struct CommandParametersTests {
  @Test(
    arguments: [
      ("{ }", "`run` is missing"),
      (
        "{ run: python3 train.py }", "must be a list of the program and its arguments, not one text"
      ),
      ("{ run: python3 train.py }", "or let a shell read it: shell: true"),
      ("{ run: [] }", "`run` names no program"),
      ("{ run: [''] }", "`run` names no program"),
      ("{ run: [a, [b]] }", "an argument must be a text, not a list"),
      ("{ run: { a: b } }", "not a mapping"),
      ("{ run: [a], shell: true }", "`run` must be one text, since `shell` is true"),
      ("{ run: [a], shell: maybe }", "`shell` must be true or false"),
      ("{ run: [a], kill-after: 21s }", "`kill-after` must be a span from 0s to 20s"),
      ("{ run: [a], output-limit: 10 }", "`output-limit` must be a whole number from 4096 to"),
      ("{ run: [a], retry-on: [0] }", "`retry-on` must be exit codes from 1 to 255"),
      ("{ run: [a], environment: { 1A: b } }", "`1A` is no name of a variable"),
      ("{ run: [a], environment: { A: [b] } }", "`A` must be a text, not a list"),
      ("{ run: [a], environment: { CARILLON_RUN: 1 } }", "`CARILLON_RUN` is set by Carillon"),
      ("{ run: [a], directry: b }", "did you mean `directory`?"),
    ])
  func isRefused(_ parameters: String, _ words: String) throws {
    let bench = try Workbench()
    let settings = try bench.settings()
    let diagnostics = #expect(throws: Diagnostics.self) {
      try bench.job(.command, settings, with: parameters)
    }
    let texts = diagnostics?.items.map { "\($0.description) \($0.mend ?? "")" } ?? []
    #expect(texts.contains { $0.contains("with.yaml:1:") && $0.contains(words) }, "\(texts)")
  }

  @Test func argumentsAreTextsAsTheyStand() throws {
    let bench = try Workbench()
    let job = try #require(
      try bench.job(
        .command, try bench.settings(), with: "{ run: [a, 1, true, 1.50, 'x y'] }") as? CommandJob)
    #expect(job.program.arguments == ["a", "1", "true", "1.50", "x y"])
    #expect(job.program.killAfter == .seconds(10))
    #expect(job.outputLimitBytes == 1 << 20)
    #expect(job.transientCodes == [75])
  }
}

/// A pipe with a name, by which a program says that it is ready.
private enum Fifo {
  /// Waits, on a thread of its own, until somebody has opened it for writing.
  static func awaitOpened(_ path: String) async {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        close(open(path, O_RDONLY | O_CLOEXEC))
        continuation.resume()
      }
    }
  }
}

/// A clock whose time-outs strike when a program says that it is ready.
private struct SignalledTime: TimeSource {
  let still: StillTime
  let fifo: String

  init(_ still: StillTime, fifo: String) { (self.still, self.fifo) = (still, fifo) }

  var now: Instant { still.now }
  var uptime: TimeSpan { still.uptime }
  func sleep(for span: TimeSpan) async throws { await Fifo.awaitOpened(fifo) }
}

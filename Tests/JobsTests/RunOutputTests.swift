import Domain
import Logging
import Store
import Testing

@testable import Jobs

/// A job that logs, and does what a test wants.
private struct Talkative: Job {
  let kind = JobKind.fetch
  let attempts: @Sendable (Int, JobContext) async throws -> JobResult

  func run(_ context: JobContext) async throws -> JobResult {
    context.log.info("attempt", metadata: ["n": "\(context.attempt)"])
    return try await attempts(context.attempt, context)
  }
}

/// What runs leave of their lines and output in the database.
@Suite struct RunOutputTests {
  private func lines(_ bench: Workbench, _ end: RunEnd?) throws -> [String] {
    let run = try #require(end?.run)
    return try bench.store.read { try $0.output.parts(of: run, limit: 100) }.map {
      "\($0.attempt) \($0.stream) " + String(decoding: $0.bytes, as: UTF8.self)
    }
  }

  @Test func aJobsLinesAreKeptWithItsEnd() async throws {
    let bench = try Workbench()
    let job = Talkative { _, context in
      context.log.debug("not worth keeping")
      context.log.warning("odd", metadata: ["b": "2", "a": "1"])
      return JobResult(summary: "done")
    }
    let end = try await bench.run(job, hours: 1)
    #expect(try lines(bench, end) == ["1 log info: attempt n=1\nwarning: odd a=1 b=2\n"])
  }

  @Test func eachAttemptKeepsItsOwnOnce() async throws {
    let bench = try Workbench()
    let policy = JobPolicy(
      kind: .fetch,
      retry: RetryPolicy(max: 2, firstBackoff: .milliseconds(1), lastBackoff: .milliseconds(1)))
    let job = Talkative { _, _ in
      throw Fault("fetch", "candles", cause: "HTTP 503", exit: .unavailable, isTransient: true)
    }
    let end = try await bench.run(job, hours: 1, policy: policy)
    #expect(try lines(bench, end) == ["1 log info: attempt n=1\n", "2 log info: attempt n=2\n"])
  }

  @Test func aBackoffThatIsCutKeepsThemOnceToo() async throws {
    let bench = try Workbench()
    let conditions = Conditions()
    let policy = JobPolicy(
      kind: .fetch,
      retry: RetryPolicy(max: 2, firstBackoff: .hours(1), lastBackoff: .hours(1)))
    let job = Talkative { _, _ in
      conditions.isDraining = true
      throw Fault("fetch", "candles", cause: "HTTP 503", exit: .unavailable, isTransient: true)
    }
    let end = try await bench.run(job, hours: 1, policy: policy, conditions: conditions)
    #expect(end?.state == .deferred)
    #expect(try lines(bench, end) == ["1 log info: attempt n=1\n"])
  }

  @Test func aFailingCommitLosesNoLine() async throws {
    let bench = try Workbench()
    let job = Talkative { _, _ in
      JobResult(summary: "written") { _ in
        throw Fault("write", "rows", cause: "no", exit: .data)
      }
    }
    let end = try await bench.run(job, hours: 1)
    #expect(end?.state == .failed)
    #expect(try lines(bench, end) == ["1 log info: attempt n=1\n"])
  }

  @Test func aFloodOfLinesIsCut() async throws {
    let bench = try Workbench()
    let job = Talkative { _, context in
      for n in 0..<10_000 { context.log.info("line \(n)") }
      return JobResult(summary: "done")
    }
    let end = try await bench.run(job, hours: 1)
    let kept = try #require(try lines(bench, end).first).split(separator: "\n")
    #expect(kept.reduce(0) { $0 + $1.utf8.count + 1 } < LogCapture.limitBytes + 100)
    // `attempt`, the kept lines, and the note that counts the others.
    #expect(kept.last == "carillon: \(10_000 - (kept.count - 2)) more lines are left out")
  }

  /// Random parts of random sizes on two streams, in limits of every size: what is kept is a
  /// beginning and an end of what came, and the line between says exactly what is missing.
  @Test(arguments: [4096, 10_000, 65_536, 1 << 20], 1...4 as ClosedRange<UInt64>)
  func whatIsKeptIsABeginningAndAnEnd(limit: Int, seed: UInt64) async throws {
    let bench = try Workbench()
    let job = Talkative { _, context in
      let recorder = OutputRecorder(context, limitBytes: limit)
      var random = SeededRandom(seed: seed)
      var all: [UInt8] = []
      var newest = 0
      while all.count < 3 * limit {
        // Mostly small, now and then as much as a pipe holds.
        let size = Int(random.next() % (random.next() % 8 == 0 ? 65_536 : 200)) + 1
        // Bytes that tell their place, so that a beginning or an end cannot be taken for another.
        let part = (all.count..<all.count + size).map { UInt8(truncatingIfNeeded: $0 * 31 >> 3) }
        try part.withUnsafeBytes {
          try recorder.take(random.next() % 2 == 0 ? .out : .err, $0)
        }
        all += part
        guard random.next() % 5 == 0 else { continue }
        try recorder.flush()
        let parts = try context.store.read { try $0.output.parts(of: context.run, limit: 100_000) }
        // Whoever follows asks for what is after the newest number that it has seen.
        let isNew = (parts.last?.number ?? 0) > newest
        #expect(isNew)
        newest = parts.last?.number ?? newest
      }
      try recorder.flush()
      let parts = try context.store.read { try $0.output.parts(of: context.run, limit: 100_000) }
      let gap = try #require(parts.firstIndex { $0.stream == .log })
      let head = parts[..<gap].flatMap(\.bytes)
      let tail = parts[(gap + 1)...].flatMap(\.bytes)
      #expect(parts[(gap + 1)...].allSatisfy { $0.stream != .log })
      let (isBeginning, isEnd) = (
        all.starts(with: head), all.suffix(tail.count).elementsEqual(tail)
      )
      #expect(isBeginning)
      #expect(isEnd)
      #expect(head.count + tail.count <= limit + limit / 16)
      // A part costs 64 bytes beside its own, and the parts here are 100 bytes on average.
      #expect(head.count + tail.count > limit / 4)
      let missing = all.count - head.count - tail.count
      #expect(
        String(decoding: parts[gap].bytes, as: UTF8.self)
          == "carillon: \(missing) bytes are left out here (output-limit \(limit))\n")
      return JobResult(summary: "done")
    }
    #expect(try await bench.run(job, hours: 1)?.state == .succeeded)
  }

  @Test func whatFitsIsKeptWhole() async throws {
    let bench = try Workbench()
    let job = Talkative { _, context in
      let recorder = OutputRecorder(context, limitBytes: 4096)
      let part = [UInt8](repeating: 65, count: 1500)
      for _ in 0..<2 {
        try part.withUnsafeBytes { try recorder.take(.out, $0) }
        try recorder.flush()
      }
      let parts = try context.store.read { try $0.output.parts(of: context.run, limit: 100) }
      #expect(parts.flatMap(\.bytes).count == 3000)
      #expect(parts.allSatisfy { $0.stream == .out })
      return JobResult(summary: "done")
    }
    #expect(try await bench.run(job, hours: 1)?.state == .succeeded)
  }
}

import Domain
import GRDB
import Testing

@testable import Store

@Suite("The output of runs")
struct RunOutputTests {
  let database = TestDatabase()
  let store: Store
  let lock: ProcessLock

  init() throws {
    store = try database.open()
    lock = try database.lock()
  }

  /// A run that printed, and has ended.
  private func run(_ name: String, _ seconds: Int64, prints text: String?) throws -> Int64 {
    try store.write(at: at(seconds)) { transaction in
      let claim = try transaction.runs.claim(firing(name, seconds), holder: lock.holder)
      guard case .claimed(let run, let attempt) = claim else { fatalError("not claimed") }
      if let text {
        try transaction.output.prune(job(name), run: run, attempt: attempt)
        try transaction.output.append(Array(text.utf8), to: run, attempt: attempt, stream: .out)
      }
      try transaction.runs.finish(run: run, attempt: attempt, state: .succeeded)
      return run
    }
  }

  private func texts(_ run: Int64) throws -> [String] {
    try store.read { try $0.output.parts(of: run, limit: 100) }
      .map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  @Test func partsComeBackAsTheyWere() throws {
    let run = try run("a", 60, prints: nil)
    let bytes: [UInt8] = [0, 255, 10, 128]
    let numbers = try store.write(at: at(70)) { transaction in
      [
        try transaction.output.append([1], to: run, attempt: 1, stream: .log),
        try transaction.output.append(bytes, to: run, attempt: 1, stream: .out),
        try transaction.output.append([2], to: run, attempt: 2, stream: .err),
      ]
    }
    #expect(numbers == [1, 2, 3])
    try store.read { transaction in
      let parts = try transaction.output.parts(of: run, limit: 10)
      #expect(parts.map(\.stream) == [.log, .out, .err])
      #expect(parts.map(\.attempt) == [1, 1, 2])
      #expect(parts[1].bytes == bytes)
      #expect(parts[1].written == at(70))
      #expect(try transaction.output.parts(of: run, after: 1, limit: 1) == [parts[1]])
      #expect(try transaction.output.sizeBytes(of: run) == 6)
      #expect(try transaction.output.parts(of: run + 1, limit: 10) == [])
    }
  }

  @Test func aPartCanBeReplacedAndRemoved() throws {
    let run = try run("a", 60, prints: "one")
    try store.write(at: at(70)) { transaction in
      try transaction.output.append(Array("two".utf8), to: run, attempt: 1, stream: .out)
      try transaction.output.append(Array("three".utf8), to: run, attempt: 1, stream: .out)
      try transaction.output.put(Array("2".utf8), in: run, at: 2, attempt: 1, stream: .log)
      try transaction.output.remove(1..<2, of: run)
    }
    #expect(try texts(run) == ["2", "three"])
  }

  @Test func theNewestRunsOfEachJobKeepTheirOutput() throws {
    let kept = RunOutputTable<WriteTransaction>.keptRuns
    let other = try run("other", 1, prints: "mine")
    var runs: [Int64] = []
    for n in 1...kept + 3 {
      runs.append(try run("a", Int64(n) * 60, prints: "\(n)"))
      // Runs that print nothing take nobody's place.
      if n % 50 == 0 { _ = try run("a", Int64(n) * 60 + 1, prints: nil) }
    }
    // The run that prunes adds its own after that, so one more than `kept` is there.
    let withOutput = try runs.filter { try texts($0) != [] }
    #expect(withOutput == Array(runs.suffix(kept + 1)))
    #expect(try texts(other) == ["mine"])
  }

  @Test func theNewestAttemptsKeepTheirOutput() throws {
    let run = try run("a", 60, prints: nil)
    for attempt in 1...5 {
      try store.write(at: at(70)) { transaction in
        try transaction.output.prune(job("a"), run: run, attempt: attempt)
        try transaction.output.append(
          Array("\(attempt)".utf8), to: run, attempt: attempt, stream: .out)
      }
    }
    // Attempt 5 dropped what is of attempt 2 or older.
    #expect(try texts(run) == ["3", "4", "5"])
  }

  /// Statements that every run or page of a history asks: none reads a table from end to end, nor
  /// sorts it.
  @Test(arguments: [
    RunOutputTable<WriteTransaction>.tooOld,
    "SELECT * FROM run ORDER BY run.slot DESC, run.id DESC LIMIT ?",
    """
    SELECT * FROM run WHERE run.state IN ('failed', 'timed-out')
    ORDER BY run.slot DESC, run.id DESC LIMIT ?
    """,
    "SELECT * FROM run WHERE run.job = ? ORDER BY run.slot DESC, run.id DESC LIMIT ?",
  ]) func readsFromAnIndex(_ sql: String) throws {
    let plan = try store.read { transaction in
      try String.fetchAll(
        transaction.db, sql: "EXPLAIN QUERY PLAN " + sql,
        arguments: StatementArguments(Array(repeating: 1, count: sql.filter { $0 == "?" }.count)),
        adapter: SuffixRowAdapter(fromIndex: 3))
    }
    #expect(!plan.contains { $0.contains("USE TEMP B-TREE") }, "\(plan)")
    #expect(
      plan.allSatisfy {
        $0.contains("USING") && $0.contains("INDEX") || $0.contains("PRIMARY KEY")
      }, "\(plan)")
  }
}

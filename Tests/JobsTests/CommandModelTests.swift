import Domain
import Foundation
import Store
import StrictYAML
import Synchronization
import Testing

@testable import Jobs

/// Models that are programs.
@Suite struct CommandModelTests {
  /// Two series with three candles each, their features computed. `up` is roc(1): AAA rose by 10 %,
  /// BBB by 25 %.
  private func bench() async throws -> Workbench {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 10, 11])
    try bench.candles("BBB", [10, 8, 10])
    let settings = try bench.settings()
    for kind in [JobKind.fetch, .compute] {
      #expect(try await bench.run(try bench.job(kind, settings), hours: 3)?.state == .succeeded)
    }
    return bench
  }

  private func infer(
    _ bench: Workbench, _ model: String, hours: Int64 = 3, attempts: Int = 1,
    time: (any TimeSource)? = nil
  ) async throws -> RunEnd? {
    let job = try bench.job(.infer, try bench.settings(), with: "{ model: \(model) }")
    let policy = JobPolicy(
      kind: .infer,
      retry: RetryPolicy(
        max: attempts, firstBackoff: .milliseconds(1), lastBackoff: .milliseconds(1)))
    return try await bench.run(job, hours: hours, policy: policy, force: true, time: time)
  }

  private func scores(_ bench: Workbench, hours: Int64 = 3) throws -> [String: Double] {
    let slot = Slot(job: try #require(JobName("infer")), time: Workbench.start + .hours(hours))
    return try bench.store.read { transaction in
      try transaction.predictions.read(slot).reduce(into: [:]) {
        $0[$1.series.symbol.description] = $1.score
      }
    }
  }

  @Test func aProgramScoresRowsOfFeatures() async throws {
    let bench = try await bench()
    try bench.write(
      "NR == 1 { print \"symbol,score\"; next } { print $1 \",\" $4 * 2 }\n", to: "double.awk")
    let end = try await infer(bench, "{ command: [awk, -F, ',', -f, double.awk] }")
    #expect(end?.state == .succeeded)
    #expect(end?.reason == nil)
    #expect(end?.result?.summary.hasPrefix("2 scores by command ") == true)
    #expect(try scores(bench) == ["AAA-USD": 20, "BBB-USD": 50])
  }

  @Test func theQuestionIsCSV() async throws {
    let bench = try await bench()
    // The question is seen on standard error, which is kept.
    let end = try await infer(
      bench, "{ command: 'tee /dev/stderr >/dev/null; echo symbol,score', shell: true }")
    #expect(end?.reason == "abstained on 2 of 2: AAA-USD: the model gave no score")
    let run = try #require(end?.run)
    let parts = try bench.store.read { try $0.output.parts(of: run, limit: 10) }
    // The newest candles opened at 02:00; mean is sma(2), up is roc(1).
    #expect(
      String(decoding: parts.flatMap(\.bytes), as: UTF8.self) == """
        symbol,time_ms,mean,up
        AAA-USD,1767232800000,10.5,10.0
        BBB-USD,1767232800000,9.0,25.0

        """)
  }

  @Test func featuresCanBeChosenAndMissingOnesAreEmpty() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10])
    let settings = try bench.settings()
    for kind in [JobKind.fetch, .compute] {
      #expect(try await bench.run(try bench.job(kind, settings), hours: 1)?.state == .succeeded)
    }
    let end = try await infer(
      bench,
      "{ command: 'cat >&2; printf \"symbol,score\\nAAA-USD,1e-3\\n\"', shell: true, features: [up] }",
      hours: 1)
    #expect(try scores(bench, hours: 1) == ["AAA-USD": 0.001])
    let run = try #require(end?.run)
    let parts = try bench.store.read { try $0.output.parts(of: run, limit: 10) }
    #expect(
      String(decoding: parts.flatMap(\.bytes), as: UTF8.self)
        == "symbol,time_ms,up\nAAA-USD,1767225600000,\n")
  }

  @Test func aSeriesWithoutALineAbstains() async throws {
    let bench = try await bench()
    let end = try await infer(
      bench, #"{ command: [printf, 'symbol,score\r\nBBB-USD,-0.5\r\n'] }"#)
    #expect(end?.reason == "abstained on 1 of 2: AAA-USD: the model gave no score")
    #expect(try scores(bench) == ["BBB-USD": -0.5])
  }

  @Test func staleSeriesAreNotAskedFor() async throws {
    let bench = try await bench()
    let end = try await infer(bench, "{ command: ['false'] }", hours: 9)
    #expect(end?.state == .succeeded)
    #expect(end?.reason?.contains("stale: the last candle closed at 2026-01-01T03:00:00Z") == true)
  }

  /// Answers that are none, and the words for each.
  @Test(
    arguments: [
      ("", "its answer must begin with the line symbol,score, not ``"),
      ("AAA-USD,1\\n", "must begin with the line symbol,score, not `AAA-USD,1`"),
      ("symbol,score\\nAAA-USD\\n", "line 2 of its answer is not SYMBOL,SCORE: `AAA-USD`"),
      ("symbol,score\\nAAA-USD,1,2\\n", "line 2 of its answer is not SYMBOL,SCORE"),
      (
        "symbol,score\\n\\nAAA-USD,high\\n",
        "line 3 of its answer: the score of AAA-USD is no number: `high`"
      ),
      ("symbol,score\\nAAA-USD,\\n", "the score of AAA-USD is no number: ``"),
      ("symbol,score\\nAAA-USD,nan\\n", "is no number: `nan`"),
      ("symbol,score\\nAAA-USD,inf\\n", "is no number: `inf`"),
      ("symbol,score\\nAAA-USD,0x10\\n", "is no number: `0x10`"),
      ("symbol,score\\nAAA-USD,1e999\\n", "is no number: `1e999`"),
      (
        "symbol,score\\nCCC-USD,1\\n",
        "line 2 of its answer names `CCC-USD`, which was not asked for"
      ),
      ("symbol,score\\naaa,1\\n", "names `aaa`, which was not asked for"),
      (
        "symbol,score\\nAAA-USD,1\\nAAA-USD,1\\n",
        "line 3 of its answer scores AAA-USD a second time"
      ),
      ("symbol,score\\n\\377\\001,1\\n", "names `\u{FFFD}?`"),
    ])
  func aWrongAnswerIsRefused(_ answer: String, _ words: String) async throws {
    let bench = try await bench()
    let end = try await infer(bench, "{ command: [printf, '\(answer)'] }", attempts: 3)
    #expect(end?.state == .failed)
    #expect(end?.fault?.exit == .data)
    #expect(end?.fault?.cause.contains(words) == true, "\(end?.fault?.cause ?? "")")
    #expect(try scores(bench).isEmpty)
    let attempts = try bench.store.read { try $0.runs.attempts(of: try #require(end?.run)) }
    #expect(attempts.count == 1)
  }

  @Test func anEndlessAnswerIsCutOff() async throws {
    let bench = try await bench()
    let end = try await infer(bench, "{ command: ['yes'] }")
    // 256 bytes for each of two series, the header and one more.
    #expect(end?.fault?.cause == "it printed more than 1024 bytes for 2 series")
  }

  @Test(
    arguments: [("exit 75", 3), ("echo no weights >&2; exit 2", 1), ("kill -9 $$", 1)])
  func exitCodesDecide(_ script: String, _ attempts: Int) async throws {
    let bench = try await bench()
    let end = try await infer(
      bench, "{ command: '\(script)', shell: true }", attempts: 3)
    #expect(end?.state == .failed)
    #expect(end?.fault?.cause.hasPrefix("it ended with") == true)
    if attempts == 1, script.hasPrefix("echo") {
      #expect(end?.fault?.cause == "it ended with exit code 2: no weights")
    }
    let tries = try bench.store.read { try $0.runs.attempts(of: try #require(end?.run)) }
    #expect(tries.count == attempts)
  }

  @Test func aSlowAnswerIsCutOff() async throws {
    let bench = try await bench()
    let end = try await infer(
      bench, "{ command: [sleep, '1000'], timeout: 30s }", time: HastyTime(bench.time))
    #expect(end?.state == .failed)
    #expect(end?.fault?.cause == "it took longer than its time-out of 30s")
    #expect(end?.fault?.isTransient == true)
  }

  @Test func theIdentityIsOfArgumentsAndFiles() async throws {
    let bench = try await bench()
    try bench.write("one", to: "weights")
    func identity(_ model: String) throws -> String {
      let job = try bench.job(.infer, try bench.settings(), with: "{ model: \(model) }")
      return try #require((job as? InferJob)?.source as? CommandModel).sha256()
    }
    let model = "{ command: [score, 'a b'], hash-files: [weights] }"
    // By sha256sum, of the lines `argument 5 score`, `argument 3 a b` and `file weights `, followed by
    // the sum of `one`.
    let first = try identity(model)
    #expect(first == "2b65af60ff829ec0e1d1f4f296a726cbe665c4020b5790d35683740221240859")
    #expect(try identity("{ command: [score, a, b], hash-files: [weights] }") != first)
    try bench.write("two!", to: "weights")
    #expect(try identity(model) != first)
    #expect(throws: Fault.self) { try identity("{ command: [score], hash-files: [gone] }") }
  }

  /// Mistakes in the parameters, with their places.
  @Test(
    arguments: [
      ("{ model: { } }", "`command` is missing"),
      ("{ model: { command: python3 score.py } }", "must be a list of the program"),
      ("{ model: { command: [a], timeout: 0s } }", "`timeout` must be a span from 1s to 1h"),
      ("{ model: { command: [a], features: [upp] } }", "did you mean `up`?"),
      ("{ model: { command: [a], features: [up, up] } }", "`up` is given twice"),
      ("{ model: { command: [a] }, output: 1 }", "`output` belongs to a model file"),
      ("{ model: { command: [a], hashfiles: [b] } }", "did you mean `hash-files`?"),
    ])
  func mistakesAreToldWithTheirPlace(_ parameters: String, _ words: String) throws {
    let bench = try Workbench()
    let settings = try bench.settings()
    let diagnostics = #expect(throws: Diagnostics.self) {
      try bench.job(.infer, settings, with: parameters)
    }
    let texts = diagnostics?.items.map { "\($0.description) \($0.mend ?? "")" } ?? []
    #expect(texts.contains { $0.contains("with.yaml:1:") && $0.contains(words) }, "\(texts)")
  }
}

/// A clock on which a minute passes with each look at the uptime; time-outs never strike.
private final class HastyTime: TimeSource {
  private let still: StillTime
  private let looks = Atomic<Int64>(0)

  init(_ still: StillTime) { self.still = still }

  var now: Instant { still.now }
  var uptime: TimeSpan {
    still.uptime + .minutes(looks.wrappingAdd(1, ordering: .relaxed).newValue)
  }
  func sleep(for span: TimeSpan) async throws { try await still.sleep(for: span) }
}

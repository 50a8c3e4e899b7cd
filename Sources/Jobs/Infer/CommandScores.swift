import Domain
import Glibc
import Inference
import Store

/// A program that stands for a model, with what identified it when the run began.
struct CommandScorer: Scorer {
  let model: CommandModel
  let sha256: String

  var kind: String { "command" }
  var name: String? { nil }
  var file: String { model.line }
  var featureNames: [String]? { model.names }
  var featureCount: Int { model.names.count }
  var windowLength: Int { 1 }
  var calibration: Calibration? { model.calibration }
  var acceptsMissing: Bool { true }

  func scores(of questions: [ScoreQuestion], _ context: JobContext) async throws -> [Double?] {
    let scores = try await model.scores(of: questions, context)
    return questions.map { scores[$0.symbol] }
  }
}

// How a program is asked for scores, and what its answer may be.
extension CommandModel {
  /// Asks the program for the scores of rows. A series that it leaves out has none.
  ///
  /// - Throws: a fault that says what is wrong with the answer; transient after exit code 75 and at
  ///   the time-out.
  func scores(of rows: [ScoreQuestion], _ context: JobContext) async throws -> [Symbol: Double] {
    let child = try GuardedProgram(
      program.program(for: context, input: question(rows)),
      lock: try JobLock.acquire(for: context))
    let recorder = OutputRecorder(context, limitBytes: Self.errorLimitBytes)
    let largestAnswer = Self.answerLineBytes * (rows.count + 2)
    let began = context.time.uptime
    var answer: [UInt8] = []
    var lastErr = TextTail()
    var isLate = false
    let end = try await withTaskCancellationHandler {
      try child.supervise { stream, bytes in
        if stream == .err {
          lastErr.append(bytes)
          try recorder.take(stream, bytes)
        } else {
          guard answer.count + bytes.count <= largestAnswer else {
            throw fault("it printed more than \(largestAnswer) bytes for \(rows.count) series")
          }
          answer += bytes
        }
      } turn: {
        if !isLate, context.time.uptime - began > timeout {
          isLate = true
          child.terminate(killAfter: program.killAfter(under: context.conditions))
        }
        try recorder.turn()
      }
    } onCancel: {
      child.terminate(killAfter: program.killAfter(under: context.conditions))
    }
    try recorder.flush()
    try context.checkpoint()
    if isLate {
      throw fault("it took longer than its time-out of \(timeout)", isTransient: true)
    }
    guard end.status == .code(0) else {
      let said = lastErr.lines(3).joined(separator: " | ")
      throw fault(
        "it ended with \(end.status)" + (said.isEmpty ? "" : ": \(said)"),
        isTransient: end.status == .code(CommandJob.tryAgain))
    }
    return try read(answer, asked: Set(rows.map(\.symbol)))
  }

  /// What the program is given: the shortest texts that read back as the same numbers.
  func question(_ rows: [ScoreQuestion]) -> [UInt8] {
    var text = "symbol,time_ms,\(names.joined(separator: ","))\n"
    for row in rows {
      let values = row.numbers.map { $0.isNaN ? "" : "\($0)" }.joined(separator: ",")
      text += "\(row.symbol),\(row.time.milliseconds),\(values)\n"
    }
    return Array(text.utf8)
  }

  /// Reads an answer.
  ///
  /// - Throws: exit 65, with the line, when it is none.
  func read(_ answer: [UInt8], asked: Set<Symbol>) throws(Fault) -> [Symbol: Double] {
    var scores: [Symbol: Double] = [:]
    var number = 0
    for line in answer.split(separator: 10, omittingEmptySubsequences: false) {
      number += 1
      let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
      if number == 1 {
        guard text == "symbol,score" else {
          throw fault("its answer must begin with the line symbol,score, not \(Self.quoted(text))")
        }
        continue
      }
      if text.isEmpty { continue }
      let fields = text.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == 2 else {
        throw fault("line \(number) of its answer is not SYMBOL,SCORE: \(Self.quoted(text))")
      }
      guard let symbol = Symbol(fields[0]), asked.contains(symbol) else {
        throw fault(
          "line \(number) of its answer names \(Self.quoted(fields[0])), which was not asked for")
      }
      guard let score = Self.number(fields[1]) else {
        throw fault(
          "line \(number) of its answer: the score of \(symbol) is no number: "
            + Self.quoted(fields[1]))
      }
      guard scores.updateValue(score, forKey: symbol) == nil else {
        throw fault("line \(number) of its answer scores \(symbol) a second time")
      }
    }
    return scores
  }

  private static func number(_ text: Substring) -> Double? {
    // Swift would read hexadecimal, inf and nan too.
    guard text.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || "+-.eE".utf8.contains($0) }),
      let value = Double(text), value.isFinite
    else { return nil }
    return value
  }

  private static func quoted(_ text: some StringProtocol) -> String {
    let shown = text.prefix(60).unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? "?" : String(scalar)
    }.joined()
    return "`\(shown)`" + (text.count > 60 ? "..." : "")
  }

  private func fault(_ cause: String, isTransient: Bool = false) -> Fault {
    Fault(
      "use the model", line, cause: cause,
      remedy: "it is given symbol,time_ms,FEATURES on standard input, and prints symbol,score; a "
        + "series without a score has no line",
      exit: isTransient ? .tryAgain : .data, isTransient: isTransient)
  }
}

import Domain
import Settings
import Store
import StrictYAML

/// Runs a program, and records what it prints.
///
/// Exit code 0 is success, 75 (EX_TEMPFAIL of sysexits.h) asks for another attempt, every other code
/// and every signal is a permanent fault.
struct CommandJob: Job {
  let kind = JobKind.command
  let program: ProgramParameters
  let outputLimitBytes: Int
  let transientCodes: Set<Int32>

  /// The exit code that asks for another attempt.
  static let tryAgain: Int32 = 75
  /// What is kept of an attempt's output unless `output-limit` says otherwise.
  static let defaultOutputLimitBytes = 1 << 20
  /// The most that may be kept of an attempt's output.
  static let largestOutputLimitBytes = 64 << 20
  /// The least: enough for a message.
  static let smallestOutputLimitBytes = 4 << 10

  init?(_ reader: MappingReader, _ settings: Settings) {
    let program = ProgramParameters(reader, key: "run", settings)
    outputLimitBytes =
      reader.integer(
        "output-limit", in: Self.smallestOutputLimitBytes...Self.largestOutputLimitBytes)
      ?? Self.defaultOutputLimitBytes
    let codes = reader.list("retry-on")?.compactMap { node in
      reader.log.value(of: node, named: "retry-on", expected: "exit codes from 1 to 255") {
        Int32($0).flatMap { (1...255).contains($0) ? $0 : nil }
      }
    }
    transientCodes = Set(codes ?? []).union([Self.tryAgain])
    guard let program else { return nil }
    self.program = program
  }

  func run(_ context: JobContext) async throws -> JobResult {
    let child = try GuardedProgram(
      program.program(for: context), lock: try JobLock.acquire(for: context))
    let recorder = OutputRecorder(context, limitBytes: outputLimitBytes)
    var (lastOut, lastErr) = (TextTail(), TextTail())
    let end = try await withTaskCancellationHandler {
      try child.supervise { stream, bytes in
        if stream == .out { lastOut.append(bytes) } else { lastErr.append(bytes) }
        try recorder.take(stream, bytes)
      } turn: {
        try recorder.turn()
      }
    } onCancel: {
      child.terminate(killAfter: program.killAfter(under: context.conditions))
    }
    if Task.isCancelled { recorder.note("told to stop, it ended with \(end.status)") }
    if end.leftOthers { recorder.note("processes that it left behind were ended") }
    if end.isStuck { recorder.note("a process of it cannot be killed: it waits for a disk") }
    try recorder.flush()
    try context.checkpoint()
    if end.status == .code(0) {
      return JobResult(
        summary: lastOut.lines(1).last ?? "exit code 0",
        caveat: end.leftOthers ? "it left processes behind, which were ended" : nil)
    }
    throw fault(end.status, lastErr.lines(3), run: context.run)
  }

  private func fault(_ status: ProgramEnd.Status, _ lines: [String], run: Int64) -> Fault {
    var isTransient = false
    if case .code(let code) = status { isTransient = transientCodes.contains(code) }
    let said = lines.isEmpty ? "" : ": " + lines.joined(separator: " | ")
    let how =
      if case .signal = status { "\(status) ended it" } else { "it ended with \(status)" }
    return Fault(
      "run", program.arguments[0], cause: how + said,
      remedy: "see all that it printed: carillon job log \(run)",
      exit: isTransient ? .tryAgain : .no, isTransient: isTransient)
  }
}

public import Domain
import Glibc
import Store

/// A program that is given a text and must end well: for what is no job.
public enum ProgramCall {
  /// What is kept of what it prints.
  private static let keptBytes = 2 << 10
  /// From SIGTERM to SIGKILL once its time is over.
  private static let killAfter = TimeSpan.seconds(2)

  /// Runs a program under a guard, as jobs run theirs, and waits for it. It blocks.
  ///
  /// - Parameters:
  ///   - arguments: the program and its arguments.
  ///   - input: what it reads from standard input.
  ///   - environment: what its environment holds beside Carillon's own, without what is Carillon's.
  ///   - timeout: how long it may take.
  /// - Throws: a `Fault` when there is no such program, it takes too long, or ends with another status
  ///   than 0; what it printed last is in it.
  public static func run(
    _ arguments: [String], input: [UInt8], environment: [String: String], timeout: TimeSpan
  ) throws {
    let program = Program(
      arguments: arguments,
      environment: ProcessEnvironment.inherited.merging(environment) { _, new in new },
      input: input, killAfter: killAfter)
    let guarded = try GuardedProgram(program, lock: .none)
    let time = SystemTime()
    let deadline = time.uptime + timeout
    var isLate = false
    var last: [UInt8] = []
    let end = try guarded.supervise { _, bytes in
      last = Array((last + Array(bytes)).suffix(keptBytes))
    } turn: {
      guard !isLate, time.uptime >= deadline else { return }
      isLate = true
      guarded.terminate(killAfter: killAfter)
    }
    guard !isLate else {
      throw Fault(
        "run", program.name, cause: "it took longer than \(timeout)", exit: .no, isTransient: true)
    }
    guard end.status == .code(0) else {
      let words = Alert.line(String(decoding: last, as: UTF8.self))
      throw Fault(
        "run", program.name,
        cause: "it ended with \(end.status)" + (words.isEmpty ? "" : ": \(words)"),
        exit: .no, isTransient: true)
    }
  }
}

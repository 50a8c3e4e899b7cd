import Foundation
import Testing

/// Calls that the house forbids, by what they spoil.
private enum BannedCalls {
  /// Time enters by an argument or by one injected `TimeSource`, so that what was rehearsed is what
  /// runs.
  static let time = [
    "Date()", "Date.now", "Task.sleep", "Thread.sleep", "ContinuousClock", "SuspendingClock",
    "DispatchTime", "DispatchWallTime", "asyncAfter", "makeTimerSource", "clock_gettime",
    "gettimeofday", "usleep(", "nanosleep(", " sleep(", " time(nil", "CFAbsoluteTime",
    "systemUptime", "AsyncTimerSequence",
  ]
  /// The same in SQL, where it hides best.
  static let timeInSQL = [
    "CURRENT_TIMESTAMP", "CURRENT_TIME", "CURRENT_DATE", "'now'", "unixepoch()", "datetime()",
  ]
  /// Errors are told, never swallowed; zones are our own; output goes through the command line or
  /// the log; what must repeat draws from a seed.
  static let others = [
    "try?", "print(", "TimeZone(", "NSLog", "URLSession", "ProcessInfo", ".random(", ".shuffled(",
    "SystemRandomNumberGenerator", "UUID()", "nonisolated(unsafe)", "@_exported",
  ]

  /// What may stand where, and why.
  static let exceptions: [Exception] = [
    Exception(
      place: "Sources/Domain/SystemTime.swift", what: "clock_gettime",
      reason: "the one file in which the operating system's clocks appear"),
    Exception(
      place: "Sources/Domain/SystemTime.swift", what: "usleep(",
      reason: "the one file in which the operating system's clocks appear"),
    Exception(
      place: "Sources/Jobs/Running/RetryPause.swift", what: ".random(",
      reason: "the jitter between attempts must differ between processes; no decision hangs on it"),
    Exception(
      place: "Sources/Net/RetryingTransport.swift", what: ".random(",
      reason: "the jitter between requests must differ between processes; no decision hangs on it"),
    Exception(
      place: "Sources/Store/Locks/HolderID.swift", what: "SystemRandomNumberGenerator",
      reason: "the name of a process's lock must be of no other process"),
    Exception(
      place: "Sources/Service/Web/Login/Sessions.swift", what: "SystemRandomNumberGenerator",
      reason: "the secret of a session must be guessed by nobody"),
    Exception(
      place: "Sources/Store/Locks/ProcessLock.swift", what: ".random(",
      reason: "the name of a process's lock must be of no other process"),
    Exception(
      place: "Sources/carillon/", what: "print(",
      reason: "the command line is where data goes to standard output"),
  ]
}

@Suite struct BannedCallTests {
  @Test func noSourceMakesABannedCall() throws {
    let found = try Repository.here.swiftSources(under: "Sources").flatMap(Self.violations)
    expectOnly(
      BannedCalls.exceptions, among: found,
      mend: "take the time as an argument or from a TimeSource, let errors through, log")
  }

  @Test func noTestSleeps() throws {
    let found = try Repository.here.swiftSources(under: "Tests").flatMap { source in
      Self.calls(["Task.sleep", "Thread.sleep", "usleep(", "nanosleep(", " sleep("], in: source)
    }
    expectOnly([], among: found, mend: "await an event, or advance simulated time")
  }

  private static func violations(in source: SwiftSource) -> [Violation] {
    calls(BannedCalls.time + BannedCalls.others, in: source)
      + source.literals.flatMap { literal in
        BannedCalls.timeInSQL.filter(literal.text.contains).map {
          Violation(path: source.path, line: literal.line, what: $0)
        }
      }
  }

  /// Where code holds a text that is not the end of a longer name. A text that begins with a space
  /// is a name that stands by itself: no method, no part of another.
  private static func calls(_ texts: [String], in source: SwiftSource) -> [Violation] {
    // A look at the whole first: most files hold none of them.
    let whole = source.code.joined(separator: "\n")
    let texts = texts.filter {
      whole.range(of: $0.filter { $0 != " " }) != nil || $0.hasPrefix(" ")
    }
    guard !texts.isEmpty else { return [] }
    return source.code.enumerated().flatMap { index, line in
      texts.filter { Self.line(line, calls: $0) }.map {
        Violation(path: source.path, line: index + 1, what: $0.filter { $0 != " " })
      }
    }
  }

  private static func line(_ line: String, calls text: String) -> Bool {
    let isFree = text.hasPrefix(" ")
    let name = isFree ? String(text.dropFirst()) : text
    guard line.utf8.count >= name.utf8.count else { return false }
    var rest = line[...]
    while let range = rest.range(of: name) {
      let before = line[..<range.lowerBound]
      let isWhole =
        before.last.map { character in
          let isName = character.isLetter || character.isNumber || character == "_"
          return name.hasPrefix(".") || name.hasPrefix("@")
            || !isName && !(isFree && character == ".")
        } ?? true
      let isDeclaration = before.hasSuffix("func ")
      if isWhole, !isDeclaration { return true }
      rest = rest[range.upperBound...]
    }
    return false
  }

  // MARK: the rules themselves

  @Test(arguments: [
    ("let now = Date()", "Date()"), ("try await Task.sleep(for: x)", "Task.sleep"),
    ("  usleep(5)", "usleep("), ("Glibc.sleep(5)", nil), ("sleep(5)", "sleep("),
    ("time.sleep(for: span)", nil), ("func sleep(for span: TimeSpan)", nil),
    ("let x = try? f()", "try?"), ("blueprint(5)", nil), ("print(5)", "print("),
    ("// Date()", nil), ("let s = \"Date()\"", nil), ("let s = \"\\(Date())\"", "Date()"),
    ("CivilDate()", nil), ("Double.random(in: 0..<1)", ".random("),
    ("let t = time(nil)", "time(nil"),
    ("let sql = \"SELECT datetime('now')\"", "'now'"), ("func print(_ text: String)", nil),
    ("DEFAULT_CURRENT", nil), ("let d = \"DEFAULT CURRENT_TIMESTAMP\"", "CURRENT_TIMESTAMP"),
  ])
  func aBannedCallIsFound(_ text: String, _ found: String?) {
    let what = Self.violations(in: SwiftSource(path: "X.swift", text: text)).map(\.what)
    #expect(what.first == found)
  }
}

import Foundation
import Testing

/// Data leaves by one door, which checks each write and the close: output that was lost is told.
@Suite struct OutputTests {
  /// The door, and the log, which is told apart from a command's data.
  private static let doors = [
    "Sources/carillon/Terminal/StandardOutput.swift", "Sources/Service/LineLog.swift",
  ]

  @Test func standardOutputIsWrittenInOnePlace() throws {
    let found = try Repository.here.swiftSources(under: "Sources")
      .filter { source in !Self.doors.contains(source.path) }
      .flatMap(Self.violations)
    expectOnly([], among: found, mend: "give it to Console.out")
  }

  private static func violations(in source: SwiftSource) -> [Violation] {
    source.code.enumerated().flatMap { index, line in
      ["StandardStream.output.write", " stdout"].filter { line.range(of: $0) != nil }
        .map { Violation(path: source.path, line: index + 1, what: $0) }
    }
  }

  @Test func theDoorIsFound() {
    let source = SwiftSource(path: "X.swift", text: "StandardStream.output.write(line: text)")
    #expect(Self.violations(in: source).map(\.what) == ["StandardStream.output.write"])
  }
}

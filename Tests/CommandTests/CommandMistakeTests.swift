import ArgumentParser
import Testing

@testable import carillon

/// What a mistyped command line is told beside the parser's words.
@Suite struct CommandMistakeTests {
  @Test(arguments: [
    (["jobs"], "`carillon jobs` is no command; did you mean `carillon job`?"),
    (
      ["schedule", "nxt"],
      "`carillon schedule nxt` is no command; did you mean `carillon schedule next`?"
    ),
    (["stat"], "`carillon stat` is no command; did you mean `carillon status`?"),
    (["snapshot", "xyzzy"], "`carillon snapshot xyzzy` is no command; there are: create, list"),
  ])
  func aMisspeltCommand(_ arguments: [String], _ advice: String) {
    #expect(
      Self.advice(arguments)?.hasPrefix(advice) == true, "\(Self.advice(arguments) ?? "none")")
  }

  @Test(arguments: [
    ["schedule", "explain", "30", "2", "models", "schedules"],
    ["schedule", "next", "--cron", "30", "2", "models"],
  ])
  func anExpressionWithoutQuotes(_ arguments: [String]) {
    #expect(Self.advice(arguments)?.hasPrefix("put the expression in quotes") == true)
  }

  @Test func aNegativeValue() {
    #expect(
      Self.advice(["demo", "--days", "-3"])
        == "a value that begins with - stands behind =: --days=-3")
  }

  @Test(arguments: [["job", "run"], ["status", "--jsn"], ["halt", "status", "x"]])
  func othersSayAllThemselves(_ arguments: [String]) { #expect(Self.advice(arguments) == nil) }

  private static func advice(_ arguments: [String]) -> String? {
    do {
      _ = try Carillon.parseAsRoot(arguments)
      Issue.record("it is understood: \(arguments)")
      return nil
    } catch {
      return CommandMistake(arguments, message: Carillon.fullMessage(for: error)).advice
    }
  }

  @Test func jsonAndPlainExcludeEachOther() {
    #expect(throws: (any Error).self) { try Carillon.parseAsRoot(["status", "--json", "--plain"]) }
    #expect(throws: (any Error).self) { try Carillon.parseAsRoot(["status", "--tz", "Pariss"]) }
  }
}

import Domain
import StrictYAML
import Testing

/// The drawings of docs and issues, to the letter.
struct DiagnosticsTests {
  @Test func drawsAnUnquotedStar() {
    let text =
      "version: 1\njobs:\n  fetch:\n    # the mistake\n\n    cron: * * * * *   # each minute\n"
    let thrown = #expect(throws: Diagnostics.self) {
      try YAMLDocument.parse(text, file: "schedules.yaml")
    }
    let drawn = thrown?.rendered(
      sources: ["schedules.yaml": text], color: false,
      conclusion: "the previous schedule stays active")
    #expect(
      drawn == """
        schedules.yaml:6:11: error: `*` starts a YAML alias, so this is not a string
         6 |     cron: * * * * *   # each minute
           |           ^ put the expression in quotes:  cron: "* * * * *"
        1 error; the previous schedule stays active
        """)
  }

  @Test func drawsAWordInALongLineWithoutControls() {
    let file = "a.yaml"
    let source =
      String(repeating: "x", count: 300) + " wrong\u{1B} " + String(repeating: "y", count: 300)
    let item = Diagnostic(
      .warning, at: Domain.SourceLocation(file: file, line: 1, column: 302), length: 5, "odd",
      mend: "mend")
    let lines = Diagnostics([item]).rendered(sources: [file: source], color: false)
      .split(separator: "\n").map(String.init)
    #expect(lines[0] == "a.yaml:1:302: warning: odd")
    #expect(lines[1].contains("wrong\u{FFFD} y") && lines[1].count == 165)
    // The caret stands under the word.
    let caret = lines[2].distance(from: lines[2].startIndex, to: lines[2].firstIndex(of: "^")!)
    let word = lines[1].distance(from: lines[1].startIndex, to: lines[1].firstIndex(of: "w")!)
    #expect(caret == word)
    #expect(lines[2].hasSuffix("^^^^^ mend"))
    #expect(lines[3] == "1 warning")
  }

  /// A secret is quoted neither where it is the mistake, nor where another stands on its line.
  @Test func quotesNoSecret() {
    let text = """
      channels:
        a: { kind: slack, url: https://hooks.example/T0/hush, tokem: x, password: "hu,sh" }
        b: { api-secret: hush, port: 1 }
        c: { token: hush }
        d: { password-file: shown }
      """
    func at(_ line: Int, _ column: Int) -> Domain.SourceLocation {
      Domain.SourceLocation(file: "f", line: line, column: column)
    }
    var secret = Diagnostic(at: at(2, 26), length: 29, "a secret")
    secret.isSecret = true
    let items = [
      secret, Diagnostic(at: at(2, 57), length: 5, "unknown"), Diagnostic(at: at(3, 8), "b"),
      Diagnostic(at: at(4, 8), "c"), Diagnostic(at: at(5, 8), "d"),
    ]
    let drawn = Diagnostics(items).rendered(sources: ["f": text], color: false)
    #expect(!drawn.contains("hu") && !drawn.contains("sh,") && drawn.contains("kind: slack"))
    #expect(drawn.contains("password-file: shown"))
    #expect(
      drawn.contains("  a: { kind: slack, url: \(String(repeating: "*", count: 29)), tokem: x"))
    #expect(drawn.contains(#"  b: { api-secret: ****, port: 1 }"#))
  }

  @Test func sortsByPlaceAndCounts() {
    func at(_ line: Int, _ column: Int) -> Domain.SourceLocation {
      Domain.SourceLocation(file: "f", line: line, column: column)
    }
    let all = Diagnostics([
      Diagnostic(at: at(9, 1), "c"), Diagnostic(.warning, at: at(2, 5), "b"),
      Diagnostic(at: at(2, 1), "a", mend: "mend"),
    ])
    #expect(all.items.map(\.message) == ["a", "b", "c"])
    #expect(all.summary == "2 errors, 1 warning")
    #expect(all.hasErrors)
    let fault = all.asFault("read", "the schedules file")
    #expect(fault.exit == .configuration)
    #expect(fault.remedy == "mend")
    #expect(
      fault.description
        == "f:2:1: cannot read the schedules file: a (2 errors, 1 warning in all)")
    #expect(all.description.hasPrefix("f:2:1: error: a; mend\n"))
    #expect(Diagnostics().summary == "no mistakes")
  }

  @Test func coloursWhereAsked() {
    let item = Diagnostic(at: Domain.SourceLocation(file: "f", line: 1, column: 1), "m")
    #expect(Diagnostics([item]).rendered(sources: ["f": "x"], color: true).contains("\u{1B}[1;31m"))
    #expect(!Diagnostics([item]).rendered(sources: ["f": "x"], color: false).contains("\u{1B}"))
  }
}

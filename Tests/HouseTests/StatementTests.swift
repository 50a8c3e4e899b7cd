import Testing

/// SQL stays in Store, so that the schema can change in one place.
@Suite struct StatementTests {
  @Test func noStatementStandsOutsideTheStore() throws {
    let found = try Repository.here.swiftSources(under: "Sources")
      .filter { !$0.path.hasPrefix("Sources/Store/") }
      .flatMap(Self.violations)
    expectOnly([], among: found, mend: "give Store a method that says what is wanted")
  }

  private static func violations(in source: SwiftSource) -> [Violation] {
    source.literals.filter { isStatement($0.text) }.map {
      Violation(path: source.path, line: $0.line, what: "SQL")
    }
  }

  /// Whether a literal reads like a statement: its verb in capitals, with what must follow it.
  private static func isStatement(_ text: String) -> Bool {
    let words = text.split(whereSeparator: \.isWhitespace)
    return words.indices.contains { index in
      let next = index + 1 < words.count ? words[index + 1] : ""
      let after = index + 2 < words.count ? words[index + 2] : ""
      switch words[index] {
      case "SELECT": return words[index...].contains("FROM") || words.count > index + 1
      case "INSERT": return next == "INTO" || next == "OR"
      case "REPLACE": return next == "INTO"
      case "UPDATE": return after == "SET" || words[index...].contains("SET")
      case "DELETE": return next == "FROM"
      case "CREATE", "ALTER", "DROP":
        return ["TABLE", "INDEX", "UNIQUE", "VIEW", "TRIGGER", "TEMP"].contains(next)
      case "PRAGMA", "VACUUM", "ATTACH": return !next.isEmpty || words.count == 1
      case "BEGIN": return ["IMMEDIATE", "EXCLUSIVE", "DEFERRED", "TRANSACTION"].contains(next)
      default: return false
      }
    }
  }

  // MARK: the rule itself

  @Test(arguments: [
    ("SELECT * FROM run", true), ("  SELECT 1", true), ("INSERT INTO run VALUES (?)", true),
    ("INSERT OR IGNORE INTO run", true), ("UPDATE run SET state = ?", true),
    ("DELETE FROM run", true), ("CREATE TABLE run (id)", true), ("PRAGMA integrity_check", true),
    ("BEGIN IMMEDIATE", true), ("select one of them", false), ("INSERT coin", false),
    ("DELETE", false), ("the update of", false), ("CREATE a folder", false),
  ])
  func aStatementIsFound(_ text: String, _ isFound: Bool) {
    let source = SwiftSource(path: "X.swift", text: "let sql = \"\(text)\"")
    #expect(Self.violations(in: source).isEmpty == !isFound)
  }

  @Test func aLongStatementIsFound() {
    let source = SwiftSource(
      path: "X.swift", text: "let a = 1\nlet sql = \"\"\"\n  SELECT a\n  FROM b\n  \"\"\"\n")
    #expect(Self.violations(in: source).map(\.line) == [2])
  }
}

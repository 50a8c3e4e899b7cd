import Settings
import Testing

/// The path of the database in settings that may be broken.
@Suite struct DatabasePathTests {
  @Test(arguments: [
    // valid, and broken elsewhere
    ("version: 1\ndatabase: { path: data/x.db }\n", "data/x.db"),
    ("version: 1\ndatabase: { path: data/x.db }\ntimefrme: 1h\n", "data/x.db"),
    ("database:\n  path: \"a b.db\"\n", "a b.db"),
    // no YAML at all
    ("database:\n  path: x.db # here\nmarket: { symbols: [\n", "x.db"),
    ("database: { path: 'x y.db' }\n\tbroken: [\n", "x y.db"),
    ("database: {path: x.db, more: [\n", "x.db"),
    ("market:\n  path: wrong.db\n  symbols: [\ndatabase:\n  path: right.db\n", "right.db"),
    // nothing said
    ("", "carillon.db"), ("market: [\n", "carillon.db"), ("database: 7\n", "carillon.db"),
    ("database:\nmarket:\n  path: wrong.db\n  x: [\n", "carillon.db"),
  ])
  func isFound(_ text: String, _ path: String) {
    #expect(Settings.databasePath(in: text, file: "carillon.yaml", environment: [:]) == path)
  }

  @Test(arguments: [
    ("carillon.yaml", "x.db", "x.db"), ("./carillon.yaml", "x.db", "x.db"),
    ("conf/carillon.yaml", "x.db", "conf/x.db"), ("conf/carillon.yaml", "/data/x.db", "/data/x.db"),
  ])
  func isRelativeToTheFile(_ file: String, _ named: String, _ path: String) {
    let text = "database: { path: \(named) }"
    #expect(Settings.databasePath(in: text, file: file, environment: [:]) == path)
  }

  @Test func theEnvironmentIsLaidOverIt() {
    let environment = ["CARILLON_DATABASE__PATH": "/data/y.db"]
    #expect(
      Settings.databasePath(in: "database: [", file: "a.yaml", environment: environment)
        == "/data/y.db")
  }
}

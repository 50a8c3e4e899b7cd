import Foundation
import Testing

/// What no file of the repository may say, and what no file may be named.
@Suite struct TextTests {
  /// Texts that are forbidden everywhere, written in two halves so that this file may stand.
  private static let forbidden: [(text: String, reason: String)] = [
    ("TO" + "DO", "finish it, or open an issue"),
    ("FIX" + "ME", "mend it, or open an issue"),
    ("/wo" + "rk/", "a path of one machine"),
    ("/opt/swift-" + "packages", "a path of one machine"),
    ("/tmp/" + "scratch", "a path of one machine"),
    ("/tmp/" + "brief", "a path of one machine"),
    ("Lorem " + "ipsum", "write what is meant"),
    ("<<<<" + "<<<", "an unfinished merge"),
    (">>>>" + ">>>", "an unfinished merge"),
  ]
  /// Names that say nothing of what a file holds.
  private static let emptyNames = ["Util", "Helper", "Common", "Manager", "Misc"]
  /// Types that have their module's name, and why that does no harm.
  private static let namesakes: [Exception] = [
    Exception(
      place: "Sources/Settings/Settings.swift", what: "Settings",
      reason: "no type of that module needs its module's name before it"),
    Exception(
      place: "Sources/Store/Store.swift", what: "Store",
      reason: "no type of that module needs its module's name before it"),
  ]

  @Test func noFileSaysWhatIsForbidden() throws {
    var found: [Violation] = []
    for path in try Repository.here.textFiles() {
      found += Self.violations(path: path, text: try Repository.here.text(of: path))
    }
    expectOnly([], among: found, mend: "say it otherwise")
  }

  @Test func noFileHasAnEmptyName() throws {
    #expect(try Repository.here.files().filter(Self.hasEmptyName).isEmpty)
  }

  @Test func noTypeHasItsModulesName() throws {
    var found: [Violation] = []
    for source in try Repository.here.swiftSources(under: "Sources") {
      let module = String(source.path.split(separator: "/")[1])
      for (index, line) in source.code.enumerated() where Self.declares(line, module) {
        found.append(Violation(path: source.path, line: index + 1, what: module))
      }
    }
    expectOnly(
      Self.namesakes, among: found, mend: "a type of its module's name hides the module: rename it")
  }

  @Test(arguments: [
    "CHANGELOG.md", "LICENSE", "Makefile", ".swift-format", ".gitignore", ".dockerignore",
    ".ci/run", "deploy/Dockerfile", "deploy/compose.yml", "deploy/.env.example",
  ])
  func theRepositoryHas(_ path: String) {
    #expect(Repository.here.exists(path))
  }

  private static func violations(path: String, text: String) -> [Violation] {
    let present = forbidden.filter { text.range(of: $0.text) != nil }
    guard !present.isEmpty else { return [] }
    return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .flatMap { index, line in
        present.filter { line.contains($0.text) }.map {
          Violation(path: path, line: index + 1, what: "\($0.text): \($0.reason)")
        }
      }
  }

  private static func hasEmptyName(_ path: String) -> Bool {
    let name = path.split(separator: "/").last ?? ""
    // The file of another program, which bears its name.
    if name == "alertmanager.yml" { return false }
    return emptyNames.contains { name.lowercased().contains($0.lowercased()) }
  }

  private static func declares(_ line: String, _ name: String) -> Bool {
    let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
    return zip(words, words.dropFirst()).contains { kind, word in
      word == name && ["struct", "class", "enum", "actor", "protocol"].contains(kind)
    }
  }

  // MARK: the rules themselves

  @Test func whatIsForbiddenIsFound() {
    for (text, reason) in Self.forbidden {
      #expect(
        Self.violations(path: "x", text: "a\nb \(text) c\n") == [
          Violation(path: "x", line: 2, what: "\(text): \(reason)")
        ])
    }
    #expect(Self.violations(path: "x", text: "to do, at work").isEmpty)
  }

  @Test(arguments: [
    ("Sources/Store/StoreUtils.swift", true), ("scripts/helpers.py", true),
    ("Sources/Service/JobManager.swift", true), ("Sources/Service/Daemon.swift", false),
  ])
  func anEmptyNameIsFound(_ path: String, _ isFound: Bool) {
    #expect(Self.hasEmptyName(path) == isFound)
  }

  @Test func aModulesNameIsFound() {
    #expect(Self.declares("public struct Store: Sendable {", "Store"))
    #expect(!Self.declares("public struct StoreFault {", "Store"))
  }
}

import Foundation
import Testing

/// docs/RELIABILITY.md and docs/FINDINGS.md name tests and scripts: each of them is there.
@Suite struct ReliabilityTests {
  @Test func whatThePageNamesIsThere() throws {
    let root = Repository.here
    let page = try root.text(of: "docs/RELIABILITY.md")
    let suites = try root.swiftSources(under: "Tests").flatMap { source in
      source.code.flatMap { line in
        line.matches(of: /struct ([A-Za-z]+)/).map { String($0.output.1) }
      }
    }
    let named = page.matches(of: /`([A-Za-z]+Tests)`/).map { String($0.output.1) }
    #expect(named.count > 15)
    for name in named { #expect(suites.contains(name), "there is no suite \(name)") }
    for match in page.matches(of: /scripts\/[a-z_\/]+(\.py)?/) {
      let path = String(match.output.0)
      #expect(root.exists(path), "\(path)")
    }
  }

  /// A finding without the test that holds it would be a claim.
  @Test func everyFindingHasItsTests() throws {
    let root = Repository.here
    var functions: [String: Set<String>] = [:]
    for source in try root.swiftSources(under: "Tests") {
      var suite = ""
      for line in source.code {
        if let match = line.firstMatch(of: /(?:struct|extension) ([A-Za-z]+Tests)\b/) {
          suite = String(match.output.1)
        }
        if let match = line.firstMatch(of: /func ([A-Za-z]+)/) {
          functions[suite, default: []].insert(String(match.output.1))
        }
      }
    }
    let page = try root.text(of: "docs/FINDINGS.md")
    let named = page.matches(of: /`([A-Za-z]+Tests)\.([A-Za-z]+)`/)
    #expect(named.count > 40)
    for match in named {
      let (suite, test) = (String(match.output.1), String(match.output.2))
      #expect(functions[suite]?.contains(test) == true, "there is no test \(suite).\(test)")
    }
    for row in page.split(separator: "\n") where row.hasPrefix("| ") {
      let isHeading = row.hasSuffix("| tests |")
      #expect(isHeading || row.contains(/`[A-Za-z]+Tests\.|scripts\//), "no test: \(row)")
    }
  }
}

import Foundation
import Testing

/// docs/RELIABILITY.md names tests and scripts: each of them is there, and each promise has one.
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
}

import ArgumentParser
import Testing

@testable import carillon

@Suite struct SpanOptionsTests {
  /// A span of time that ends before it begins, and what is no time, are refused.
  @Test(
    arguments: [
      (["--from", "2026-11-20T14:00:00Z", "--to", "2026-11-20T15:00:00Z"], true),
      (["--from", "2026-11-20T15:00:00Z", "--to", "2026-11-20T15:00:00Z"], false),
      (["--from", "2026-11-20T16:00:00Z", "--to", "2026-11-20T15:00:00Z"], false),
      (["--to", "yesterday"], false), ([], true),
    ] as [([String], Bool)])
  func spans(_ arguments: [String], _ isGood: Bool) {
    do {
      _ = try SpanOptions.parse(arguments)
      #expect(isGood)
    } catch {
      #expect(!isGood, "\(error)")
    }
  }
}

import Domain
import Indicators
import Testing

/// Comparisons over the series of one time.
@Suite struct CrossSectionTests {
  static func compared(_ expression: String, _ closes: [Double]) throws -> [Double] {
    let specification = try FeatureSpecification([("plain", "close"), ("f", expression)])
    var rows = closes.flatMap { [$0, $0] }
    rows.withUnsafeMutableBufferPointer { specification.crossSection.apply(to: $0) }
    #expect(same(stride(from: 0, to: rows.count, by: 2).map { rows[$0] }, closes))
    return stride(from: 1, to: rows.count, by: 2).map { rows[$0] }
  }

  @Test(
    arguments: [
      // pandas: Series(x).rank(pct=True)
      ([3, 1, 2], [1, 1 / 3.0, 2 / 3.0]),
      ([5, 5, 1, 9], [0.625, 0.625, 0.25, 1]),
      ([2, .nan, 4, .nan], [0.5, .nan, 1, .nan]),
      ([7], [1]), ([.nan], [.nan]), ([], []),
    ] as [([Double], [Double])])
  func ranks(values: [Double], expected: [Double]) throws {
    #expect(same(try Self.compared("cs_rank(close)", values), expected))
  }

  @Test(
    arguments: [
      // Mean 3, deviations -2, 0, 2, population variance 8/3.
      ([1, 3, 5], [-2 / (8 / 3.0).squareRoot(), 0, 2 / (8 / 3.0).squareRoot()]),
      ([1, .nan, 3], [-1, .nan, 1]),
      ([0.1, 0.1, 0.1], [0, 0, 0]), ([4], [0]), ([.nan], [.nan]),
    ] as [([Double], [Double])])
  func scores(values: [Double], expected: [Double]) throws {
    let result = try Self.compared("cs_zscore(close)", values)
    for (a, b) in zip(result, expected) {
      #expect(a.isNaN == b.isNaN)
      if !b.isNaN { #expect(abs(a - b) < 1e-15) }
    }
  }

  @Test func isPartOfTheIdentityAndOfTheWarmUp() throws {
    let plain = try FeatureSpecification([("f", "roc(10)")])
    let ranked = try FeatureSpecification([("f", "cs_rank(roc(10))")])
    #expect(plain.crossSection.isEmpty)
    #expect(!ranked.crossSection.isEmpty)
    #expect(plain.canonicalText != ranked.canonicalText)
    #expect(ranked.warmup == 10)
    let named = try FeatureSpecification([("r", "roc(10)"), ("f", "cs_zscore(r)")])
    #expect(named.crossSection.comparisons == [nil, .zscore])
  }
}

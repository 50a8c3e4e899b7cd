import Domain
import Testing

@testable import Inference

/// Columns of a table are the model's by their names, or there is an error.
@Suite struct FeatureRowsTests {
  /// `a + 10 b`.
  private static func model() throws -> Model {
    try Model.load(
      Array(
        #"{"kind":"linear","version":1,"features":["a","b"],"weights":[1,10]}"#.utf8), file: "m")
  }

  @Test(arguments: [
    "b,a\n0,4\n4,0\n", "\"b\",\"a\"\n0,4\n4,0\n", "\u{FEFF}b,a\n0,4\n4,0\n", "b, a\n0, 4\n4,0\n",
    "\"b\" , \"a\"\r\n\"0\",\"4\"\r\n4,0\r\n", "x,b,a\n9,0,4\n9,4,0", "\n\nb,a\n\n0,4\n\n4,0\n",
    "a,\"x,y\",b\n4,,0\n0,7,4\n",
  ])
  func findsColumnsByName(text: String) throws {
    let model = try Self.model()
    let rows = try FeatureRows(text, path: "t.csv", of: model)
    // 4 + 10 x 0, and 0 + 10 x 4.
    #expect(rows.rows.map { model.predict($0)[0] } == [4, 40])
  }

  @Test(arguments: [
    ("b,A\n0,4\n", 1, "it has no column `a`, which the model reads", "did you mean it by `A`?"),
    ("b,aa\n0,4\n", 1, "it has no column `a`, which the model reads", "did you mean it by `aa`?"),
    ("0,4\n4,0\n", 1, "it has no column `a`, which the model reads", "the model reads: a, b"),
    ("a,b,a\n0,4,1\n", 1, "it has 2 columns `a`", "keep one"),
    ("a,\"b\n0,4\n", 1, "the header has a quote that does not fit", ""),
    ("a,b\n0,4\n\n1\n", 4, "1 cells, and the header has 2", ""),
    ("a,b\n0,x\n", 2, "`x` is no number", ""),
    ("a,b\n0,\"4\n", 2, "a quote does not fit", ""), ("", 0, "it is empty", ""),
  ])
  func tellsWhatIsWrong(text: String, line: Int, cause: String, remedy: String) throws {
    let model = try Self.model()
    do throws(Fault) {
      _ = try FeatureRows(text, path: "t.csv", of: model)
      Issue.record("no error")
    } catch {
      #expect(error.cause == cause)
      #expect((error.remedy ?? "").hasPrefix(remedy))
      #expect(error.location?.line ?? 0 == line)
    }
  }

  /// A missing value is missing, and a model without names takes columns by their place.
  @Test func takesColumnsByPlaceOnlyWhereTheModelNamesNone() throws {
    let text = try GoldenFile.bytes("\(GoldenFile.folder)/xgb_linear.json")
    let named = String(decoding: text, as: UTF8.self)
    let start = try #require(named.range(of: "\"feature_names\":["))
    let end = try #require(named[start.upperBound...].firstIndex(of: "]"))
    let bare = String(named[..<start.upperBound]) + String(named[end...])
    let model = try Model.load(Array(bare.utf8), file: "m.json")
    #expect(model.featureNames == nil)
    let rows = try FeatureRows("u,v,w,x,y,z\n1,2,3,,nan,6\n", path: "t.csv", of: model)
    #expect(rows.rows[0].prefix(3) == [1, 2, 3])
    #expect(rows.rows[0][3].isNaN && rows.rows[0][4].isNaN)
    #expect(throws: Fault.self) { try FeatureRows("u,v\n1,2\n", path: "t.csv", of: model) }
  }
}

extension StringProtocol {
  /// The place of a text: the standard library alone has none.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}

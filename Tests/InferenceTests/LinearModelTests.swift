import Domain
import Inference
import Testing

@Suite("Linear models")
struct LinearModelTests {
  static let plain = """
    {"kind": "linear", "version": 1, "name": "two", "features": ["a", "b"],
     "weights": [0.5, -2], "bias": 1}
    """

  @Test("the score is the bias plus the weighted values")
  func weightedSum() throws {
    let model = try Model.load(Array(Self.plain.utf8), file: "two.json")
    #expect(model.kind == .linear && model.name == "two" && model.featureNames == ["a", "b"])
    #expect(model.featureCount == 2 && model.windowLength == 1 && model.outputCount == 1)
    // 1 + 0.5 * 3 - 2 * 4
    #expect(model.predict([3, 4]) == [-5.5])
    #expect(model.transform([-5.5]) == [-5.5])
  }

  @Test("values are standardised before they are weighted")
  func standardised() throws {
    let text = """
      {"kind": "linear", "version": 1, "features": ["a", "b"], "weights": [2, 3],
       "standardisation": {"mean": [10, -1], "deviation": [4, 0.5]}}
      """
    let model = try Model.load(Array(text.utf8), file: "m.json")
    // 2 * (12 - 10) / 4 + 3 * (0 + 1) / 0.5
    #expect(model.predict([12, 0]) == [7])
  }

  @Test("a missing value makes the score missing")
  func missing() throws {
    let model = try Model.load(Array(Self.plain.utf8), file: "two.json")
    #expect(model.predict([.nan, 1])[0].isNaN)
    #expect(model.predict([1, .nan])[0].isNaN)
  }

  @Test("a batch gives the scores of its rows")
  func batch() throws {
    let model = try Model.load(Array(Self.plain.utf8), file: "two.json")
    #expect(model.predictBatch([[3, 4], [0, 0.5]]) == [-5.5, 0])
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    let text: String
    let place: String
    let cause: String
    let remedy: String?
    var testDescription: String { cause }
  }

  static let wrong = [
    Wrong(
      text: "{\"kind\": \"linear\", \"version\": 1,\n \"weigths\": [1]}", place: "m.json:2:13",
      cause: "unknown key 'weigths'", remedy: "did you mean 'weights'?"),
    Wrong(
      text: "{\"kind\": \"linaer\"}", place: "m.json:1:10",
      cause: "there is no model kind 'linaer'", remedy: "did you mean 'linear'?"),
    Wrong(
      text: "{\"kind\": \"linear\", \"version\": 2}", place: "m.json:1:31",
      cause: "version is 2; it must be 1 to 1", remedy: nil),
    Wrong(
      text: "{\"kind\": \"linear\", \"version\": 1, \"features\": [\"a\", \"a\"]}",
      place: "m.json:1:52", cause: "the feature 'a' is listed twice", remedy: nil),
    Wrong(
      text:
        "{\"kind\": \"linear\", \"version\": 1, \"features\": [\"a\"],\n\"weights\": [1, 2]}",
      place: "m.json:2:12", cause: "weights has 2 numbers, but there are 1 features",
      remedy: nil),
    Wrong(
      text: "{\"kind\": \"linear\", \"version\": 1, \"features\": [\"a\"], \"weights\": [true]}",
      place: "m.json:1:65", cause: "weights[0] must be a number, not true or false", remedy: nil),
    Wrong(
      text: "{\"kind\": \"linear\" \"version\": 1}", place: "m.json:1:19",
      cause: "expected ',' or '}'", remedy: nil),
  ]

  @Test("a file that is wrong is refused with place and remedy", arguments: wrong)
  func refused(_ wrong: Wrong) {
    do throws(Fault) {
      _ = try Model.load(Array(wrong.text.utf8), file: "m.json")
      Issue.record("it was accepted")
    } catch {
      #expect(error.location?.description == wrong.place)
      #expect(error.cause == wrong.cause)
      #expect(error.remedy == wrong.remedy)
      #expect(error.exit == .data)
    }
  }

  @Test("what is no model at all is refused", arguments: ["", " \n", "hello", "[1]", "\u{0}\u{1}"])
  func noModel(_ text: String) {
    #expect(throws: Fault.self) { try Model.load(Array(text.utf8), file: "m") }
  }
}

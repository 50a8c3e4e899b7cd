import Domain
import Inference
import Testing

@Suite("Rules")
struct RuleModelTests {
  static func model(_ lines: String) throws(Fault) -> Model {
    try Model.load(Array("rules: 1\nfeatures: a, b, c.d\n\(lines)\n".utf8), file: "m.rules")
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let score: String
    let values: [Double]
    let expected: Double
    var testDescription: String { "\(score) of \(values)" }

    init(_ score: String, _ values: [Double], _ expected: Double) {
      (self.score, self.values, self.expected) = (score, values, expected)
    }
  }

  static let rows = [
    // Arithmetic: the tighter sign first, equal ones from the left.
    Row("a + b * c.d", [1, 2, 3], 7),
    Row("(a + b) * c.d", [1, 2, 3], 9),
    Row("a - b - c.d", [10, 3, 2], 5),
    Row("a / b / c.d", [12, 3, 2], 2),
    Row("-a + - -b", [1, 2, 0], 1),
    Row("2 * -a", [3, 0, 0], -6),
    Row("1.5e2 + .5", [0, 0, 0], 150.5),
    Row("1e-2 * a", [100, 0, 0], 1),
    // Functions.
    Row("abs(a) + max(b, c.d) - min(b, c.d)", [-4, 2, 5], 7),
    Row("sqrt(a) + exp(b) + log(c.d)", [9, 0, 1], 4),
    // Choices and comparisons.
    Row("a > b and c.d < 70 ? 1 : 0", [2, 1, 69], 1),
    Row("a > b and c.d < 70 ? 1 : 0", [2, 1, 70], 0),
    Row("a >= 1 ? a <= 1 ? 5 : 6 : 7", [1, 0, 0], 5),
    Row("a >= 1 ? a <= 1 ? 5 : 6 : 7", [2, 0, 0], 6),
    Row("a >= 1 ? a <= 1 ? 5 : 6 : 7", [0, 0, 0], 7),
    Row("a == b or a != c.d ? 1 : 2", [1, 2, 1], 2),
    Row("not a > b ? 1 : 2", [1, 2, 0], 1),
    Row("not not a > b ? 1 : 2", [1, 2, 0], 2),
    Row("true and not false ? 1 : 2", [0, 0, 0], 1),
    // `and` before `or`.
    Row("a > 0 or b > 0 and c.d > 0 ? 1 : 0", [1, 0, 0], 1),
    // A missing value: unknown where it matters, and only there.
    Row("a + b", [.nan, 1, 1], .nan),
    Row("a > b ? 1 : 0", [.nan, 1, 1], .nan),
    Row("a > b and c.d > 5 ? 1 : 0", [.nan, 1, 1], 0),
    Row("a > b and c.d > 5 ? 1 : 0", [.nan, 1, 9], .nan),
    Row("a > b or c.d > 5 ? 1 : 0", [.nan, 1, 9], 1),
    Row("a > b or c.d > 5 ? 1 : 0", [.nan, 1, 1], .nan),
    Row("not a > b ? 1 : 0", [.nan, 1, 1], .nan),
    Row("missing(a) ? b : a", [.nan, 3, 0], 3),
    Row("missing(a) ? b : a", [2, 3, 0], 2),
    Row("b > 0 ? b : a", [.nan, 3, 0], 3),
    Row("max(a, b)", [.nan, 3, 0], .nan),
    // Infinities are numbers.
    Row("a > b ? 1 : 0", [.infinity, 1, 0], 1),
  ]

  @Test("a rule scores as it reads", arguments: rows)
  func scores(_ row: Row) throws {
    let model = try Self.model("score: \(row.score)")
    #expect(areIdentical(model.predict(row.values), [row.expected]))
  }

  @Test("names, comments and lines that go on")
  func file() throws {
    let text = """
      # Trend, unless overbought.
      rules: 1
      name: trend   # a comment
      features: ema12, ema26,
        rsi14

      let rising = ema12 > ema26
      let spread =   # in parts of the slow average
        (ema12 - ema26) / ema26
      score: rising and rsi14 < 70
        ? spread * 100
        : 0
      """
    let model = try Model.load(Array(text.utf8), file: "trend.rules")
    #expect(model.kind == .rules && model.name == "trend")
    #expect(model.featureNames == ["ema12", "ema26", "rsi14"])
    // 100 * (110 - 100) / 100
    #expect(model.predict([110, 100, 60]) == [10])
    #expect(model.predict([110, 100, 80]) == [0])
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    let text: String
    let place: String
    let cause: String
    var remedy: String?
    var testDescription: String { text }

    init(_ text: String, _ place: String, _ cause: String, _ remedy: String? = nil) {
      (self.text, self.place, self.cause, self.remedy) = (text, place, cause, remedy)
    }
  }

  static let wrong = [
    Wrong(
      "features: rsi14\nscore: rsi15 > 70 ? 1 : 0", "2:8",
      "'rsi15' is not among the declared features", "did you mean 'rsi14'?"),
    Wrong(
      "features: rsi14\nscore: 1 +\n  volume", "3:3",
      "'volume' is not among the declared features", "add it to 'features:'"),
    Wrong(
      "features: a\nscore: a > 1", "2:8", "the score must be a number, but this is a truth value",
      "write 'condition ? 1 : 0'"),
    Wrong(
      "features: a\nscore: a ? 1 : 0", "2:8",
      "expected a truth value here, but this is a number"),
    Wrong(
      "features: a\nscore: 1 + (a > 2)", "2:12",
      "expected a number here, but this is a truth value"),
    Wrong(
      "features: a\nscore: a > 1 ? 1 : a > 2", "2:20",
      "expected a number here, but this is a truth value"),
    Wrong("features: a\nscore: a = 1 ? 1 : 0", "2:10", "'=' compares nothing", "write '=='"),
    Wrong(
      "features: a\nscore: 1 < a < 3 ? 1 : 0", "2:14", "comparisons do not chain",
      "write 'a < b and b < c'"),
    Wrong("features: a\nscore: (a", "2:10", "expected ')', found the end"),
    Wrong(
      "features: a\nscore: a b", "2:10",
      "expected an operator or the end of the expression, found 'b'"),
    Wrong("features: a\nscore:", "2:7", "expected a value, found the end"),
    Wrong(
      "features: a\nscore: a & 1", "2:10", "this character has no meaning in a rule",
      "signs are + - * / < <= > >= == != ? : ( ) , and ="),
    Wrong("features: a\nscore: 1.2.3", "2:8", "this is no number"),
    Wrong("features: a, a\nscore: a", "1:14", "the feature 'a' is listed twice"),
    Wrong(
      "features: and\nscore: 1", "1:11",
      "'and' is a word of the language and cannot name a feature"),
    Wrong("features: a\nscroe: a", "2:1", "no line begins with 'scroe'", "did you mean 'score'?"),
    Wrong("features: a\nlet a = 1\nscore: a", "2:5", "the name 'a' is taken"),
    Wrong(
      "score: 1", "1:1", "no features are declared above this line",
      "add a line 'features: a, b, c'"),
    Wrong(
      "features: a", "1:12", "the file has no line 'score:'", "add one: 'score: a > b ? 1 : 0'"),
    Wrong("features: a\nscore: a\nlet b = a", "3:1", "'score:' must be the last line"),
    Wrong("features: a\nfeatures: b", "2:1", "'features:' is given twice"),
  ]

  @Test("a rule that is wrong is refused with place and remedy", arguments: wrong)
  func refused(_ wrong: Wrong) {
    do throws(Fault) {
      // The first line is empty so that places count from the text above.
      _ = try Model.load(Array("rules: 1\n\(wrong.text)".utf8), file: "m")
      Issue.record("it was accepted")
    } catch {
      let parts = wrong.place.split(separator: ":").compactMap { Int($0) }
      #expect(error.location == SourceLocation(file: "m", line: parts[0] + 1, column: parts[1]))
      #expect(error.cause == wrong.cause)
      #expect(error.remedy == wrong.remedy)
    }
  }

  @Test(
    "nesting, length and names are bounded",
    arguments: [
      String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000),
      String(repeating: "a > 1 ? 1 : ", count: 1000) + "1",
      (0..<5000).map { _ in "a" }.joined(separator: "+"),
      String(repeating: "-", count: 20000) + "1",
    ])
  func bounded(_ score: String) {
    #expect(throws: Fault.self) {
      try Model.load(Array("rules: 1\nfeatures: a\nscore: \(score)".utf8), file: "m")
    }
  }
}

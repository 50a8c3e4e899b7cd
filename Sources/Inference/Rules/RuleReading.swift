import Domain

/// A rule file:
///
///     # Trend, unless overbought.
///     rules: 1
///     name: trend
///     features: ema12, ema26, rsi14
///     let rising = ema12 > ema26
///     score: rising and rsi14 < 70 ? 1 : 0
///
/// A line that begins with white space goes on with the line before.
struct RuleReading {
  /// The largest rule file.
  static let maximumBytes = 64 * 1024

  private static let keys = ["rules", "name", "features", "calibrated", "let", "score"]

  private let source: ModelSource

  init(_ source: ModelSource) { self.source = source }

  /// Whether the first line that is no comment declares rules.
  static func recognises(_ bytes: [UInt8]) -> Bool {
    for line in bytes.prefix(maximumBytes).split(separator: UInt8(ascii: "\n")) {
      guard let first = line.first, first != UInt8(ascii: "#"), !line.allSatisfy({ $0 <= 0x20 })
      else { continue }
      return line.starts(with: "rules:".utf8)
    }
    return false
  }

  /// The model of the whole file.
  func model() throws(Fault) -> Model {
    guard source.bytes.count <= Self.maximumBytes else {
      throw source.fault(
        at: Self.maximumBytes, "a rule file may have at most \(Self.maximumBytes) bytes")
    }
    guard String(validating: source.bytes, as: UTF8.self) != nil else {
      throw source.fault(at: 0, "the file is not UTF-8")
    }
    var name: String?
    var compiler: RuleCompiler?
    var features: [String] = []
    var seen: Set<String> = []
    var hasScore = false
    var calibration: Calibration?
    for statement in statements() {
      let (key, body) = try split(statement)
      guard key == "let" || seen.insert(key).inserted else {
        throw source.fault(at: statement.lowerBound, "'\(key):' is given twice")
      }
      guard !hasScore else {
        throw source.fault(at: statement.lowerBound, "'score:' must be the last line")
      }
      switch key {
      case "rules":
        guard text(body) == "1" else {
          throw source.fault(at: body.lowerBound, "the version of the rules must be 1")
        }
      case "name": name = text(body)
      case "calibrated":
        guard let word = Calibration(word: text(body)) else {
          throw source.fault(at: body.lowerBound, Calibration.mistake)
        }
        calibration = word
      case "features":
        features = try names(body)
        compiler = RuleCompiler(source, features: features)
      default:
        guard compiler != nil else {
          throw source.fault(
            at: statement.lowerBound, "no features are declared above this line",
            remedy: "add a line 'features: a, b, c'")
        }
        if key == "let" {
          try compiler?.define(body)
        } else {
          try compiler?.score(body)
          hasScore = true
        }
      }
    }
    guard hasScore, let compiler else {
      throw source.fault(
        at: source.bytes.count, "the file has no line 'score:'",
        remedy: "add one: 'score: a > b ? 1 : 0'")
    }
    var model = Model(
      kind: .rules, name: name, featureNames: features, featureCount: features.count,
      windowLength: 1, outputCount: 1, predictionCount: 1,
      facts: [Model.Fact("instructions", compiler.instructions.count)],
      evaluator: RuleModel(
        RuleProgram(instructions: compiler.instructions), featureCount: features.count))
    model.calibration = calibration
    return model
  }

  /// The statements: lines with those that continue them, without empty lines and comments.
  private func statements() -> [Range<Int>] {
    var statements: [Range<Int>] = []
    var start = 0
    while start < source.bytes.count {
      let end = source.bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? source.bytes.count
      let isEmpty = source.bytes[start..<end].allSatisfy { $0 <= 0x20 }
      let first = source.bytes[start]
      if !isEmpty, first != UInt8(ascii: "#") {
        if first == 0x20 || first == 0x09, let last = statements.last {
          statements[statements.count - 1] = last.lowerBound..<end
        } else {
          statements.append(start..<end)
        }
      }
      start = end + 1
    }
    return statements
  }

  /// The key of a statement and what follows it.
  private func split(_ statement: Range<Int>) throws(Fault) -> (String, Range<Int>) {
    var end = statement.lowerBound
    while end < statement.upperBound, RuleToken.isWordStart(source.bytes[end]) { end += 1 }
    let key = String(decoding: source.bytes[statement.lowerBound..<end], as: UTF8.self)
    guard Self.keys.contains(key) else {
      throw source.fault(
        at: statement.lowerBound, "no line begins with '\(key)'",
        remedy: Spelling.nearest(key, among: Self.keys).map { "did you mean '\($0)'?" }
          ?? "lines begin with 'rules:', 'name:', 'features:', 'calibrated:', 'let' or 'score:'")
    }
    if key != "let" {
      guard end < statement.upperBound, source.bytes[end] == UInt8(ascii: ":") else {
        throw source.fault(at: end, "expected ':' after '\(key)'")
      }
      end += 1
    }
    return (key, end..<statement.upperBound)
  }

  /// A text without white space around it and without a comment behind it.
  private func text(_ range: Range<Int>) -> String {
    let bytes = source.bytes[range].prefix { $0 != UInt8(ascii: "#") }
    let front = bytes.drop { $0 <= 0x20 }
    let end = front.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? front.startIndex
    return String(decoding: front[front.startIndex..<end], as: UTF8.self)
  }

  /// The names behind `features:`, parted by commas.
  private func names(_ range: Range<Int>) throws(Fault) -> [String] {
    var names: [String] = []
    var seen: Set<String> = []
    var isNameNext = true
    for token in try RuleToken.tokens(of: source, in: range) {
      switch token.content {
      case .word(let name) where isNameNext:
        guard !RuleCompiler.reserved.contains(name) else {
          throw source.fault(
            at: token.offset, "'\(name)' is a word of the language and cannot name a feature")
        }
        guard seen.insert(name).inserted else {
          throw source.fault(at: token.offset, "the feature '\(name)' is listed twice")
        }
        names.append(name)
        isNameNext = false
      case .sign(",") where !isNameNext: isNameNext = true
      case .end where !isNameNext: return names
      default:
        throw source.fault(
          at: token.offset,
          "expected \(isNameNext ? "the name of a feature" : "a comma"), found \(token.description)"
        )
      }
    }
    return names
  }
}

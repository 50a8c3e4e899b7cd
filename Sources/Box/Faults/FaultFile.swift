import Disk
import Domain
import StrictYAML

/// A plan of faults as text: a line each, such as `place#3 after lose-reply`.
///
///     # CALL[#N] STAGE FAULT [VALUE]
///     place#3 after lose-reply
///     *#10 before delay 8s
///     find inside lag 20s
public enum FaultFile {
  /// Classes of calls that faults may be planned for; `*` is all of them.
  static let classes = [
    "place", "replace", "test", "cancel", "cancelAll", "find", "openOrders", "allOrders",
    "myTrades",
    "account",
    "time", "exchangeInfo", "klines", "depth", "trades", "aggTrades", "ticker24h", "tickerPrice",
    "bookTicker", "ping", "other",
  ]

  /// The plan of a file, or of a seed where the text is a whole number.
  ///
  /// - Throws: `Fault` when there is no such file, `Diagnostics` with every mistake in it.
  public static func plan(_ text: String) throws -> FaultPlan {
    if let seed = UInt64(text) { return FaultPlan(rules: [], seed: seed) }
    return try read(try TextFile.read(text), file: text)
  }

  /// The plan of a text.
  ///
  /// - Throws: every mistake in it, each with its place.
  static func read(_ text: String, file: String) throws(Diagnostics) -> FaultPlan {
    var rules: [FaultPlan.Rule] = []
    var mistakes: [Diagnostic] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let code = line.hasPrefix("#") ? "" : line.split(separator: " #", maxSplits: 1).first ?? ""
      let words = code.split(separator: " ")
      guard !words.isEmpty else { continue }
      do throws(Mistake) {
        rules.append(try rule(words))
      } catch {
        let word = words[min(error.word, words.count - 1)]
        let column = line.distance(from: line.startIndex, to: word.startIndex) + 1
        mistakes.append(
          Diagnostic(
            at: SourceLocation(file: file, line: index + 1, column: column), error.message,
            mend: error.mend))
      }
    }
    guard mistakes.isEmpty else { throw Diagnostics(mistakes) }
    return FaultPlan(rules: rules, seed: nil)
  }

  private struct Mistake: Error {
    var word: Int
    var message: String
    var mend: String?
  }

  private static func rule(_ words: [Substring]) throws(Mistake) -> FaultPlan.Rule {
    let call = words[0].split(separator: "#", maxSplits: 1)
    let name = call.first.map(String.init) ?? ""
    guard name == "*" || classes.contains(name) else {
      let near = Spelling.nearest(name, among: classes).map { "did you mean `\($0)`?" }
      throw Mistake(
        word: 0, message: "no call is named `\(name)`",
        mend: near ?? "known are *, \(classes.joined(separator: ", "))")
    }
    var number: Int?
    if call.count == 2 {
      guard let value = Int(call[1]), value > 0 else {
        throw Mistake(word: 0, message: "`\(call[1])` is no number of a call", mend: "place#3")
      }
      number = value
    }
    guard words.count >= 3 else {
      throw Mistake(
        word: 0, message: "a line is CALL STAGE FAULT [VALUE]", mend: "place#3 after lose-reply")
    }
    let key = "\(words[1]) \(words[2])"
    guard let kind = kinds.first(where: { $0.key == key }) else {
      let near = Spelling.nearest(key, among: kinds.map(\.key)).map { "did you mean `\($0)`?" }
      throw Mistake(
        word: 1, message: "there is no fault `\(key)`",
        mend: near ?? "known are \(kinds.map(\.key).joined(separator: ", "))")
    }
    guard words.count <= 4 else {
      throw Mistake(word: 4, message: "nothing is read after the value")
    }
    let value = words.count == 4 ? String(words[3]) : kind.standard
    guard let value, let fault = kind.fault(value) else {
      throw Mistake(
        word: words.count == 4 ? 3 : 2, message: "`\(key)` wants \(kind.wants)",
        mend: kind.example.map { "\(name) \(key) \($0)" })
    }
    return FaultPlan.Rule(callClass: name == "*" ? nil : name, number: number, fault)
  }

  /// One kind of fault: its words, what value it wants, and what it is without one.
  private struct Kind: Sendable {
    let key: String
    let wants: String
    let example: String?
    /// The value where none is given; nil: there must be one.
    let standard: String?
    let fault: @Sendable (String) -> FaultPlan.Fault?
  }

  private static func plain(_ key: String, _ fault: FaultPlan.Fault) -> Kind {
    Kind(key: key, wants: "no value", example: nil, standard: "") { $0.isEmpty ? fault : nil }
  }

  private static func span(
    _ key: String, standard: String? = nil,
    _ fault: @escaping @Sendable (TimeSpan) -> FaultPlan.Fault
  ) -> Kind {
    Kind(key: key, wants: "a span like 5s or 250ms", example: "5s", standard: standard) {
      time($0).map(fault)
    }
  }

  private static func rate(
    _ key: String, standard: String, _ fault: @escaping @Sendable (Rate) -> FaultPlan.Fault
  ) -> Kind {
    Kind(key: key, wants: "a part like 0.5", example: "0.5", standard: standard) { text in
      Amount(text).flatMap { $0 <= .one && $0 >= Amount(-1) ? fault(Rate($0)) : nil }
    }
  }

  private static func status(
    _ key: String, standard: String, _ fault: @escaping @Sendable (Int) -> FaultPlan.Fault
  ) -> Kind {
    Kind(key: key, wants: "a status from 500 to 599", example: "503", standard: standard) { text in
      Int(text).flatMap { (500...599).contains($0) ? fault($0) : nil }
    }
  }

  private static let kinds: [Kind] = [
    plain("before drop", .drop), span("before delay") { .delay($0) },
    status("before 5xx", standard: "503") { .outOfOrder($0) }, plain("before 429", .tooMany),
    plain("before 418", .ban),
    rate("inside partial", standard: "0.5") { .partial($0) }, plain("inside reject", .reject),
    span("inside halt", standard: "1m") { .halt($0) },
    span("inside lag", standard: "10s") { .lag($0) },
    plain("after lose-reply", .loseReply),
    status("after 5xx", standard: "502") { .failAfter($0) }, plain("after twice", .twice),
    plain("after again", .again),
    Kind(key: "after cut", wants: "a number of bytes", example: "40", standard: "40") { text in
      Int(text).flatMap { $0 >= 0 ? .cut($0) : nil }
    }, plain("after garble", .garble), span("after drip", standard: "50ms") { .drip($0) },
    span("clock offset") { .offset($0) }, rate("clock drift", standard: "0.01") { .drift($0) },
    span("clock step") { .offset($0) },
  ]

  /// A span, which may have a sign.
  private static func time(_ text: String) -> TimeSpan? {
    guard let span = TimeSpan(text.drop { $0 == "-" || $0 == "+" }), span <= .days(7) else {
      return nil
    }
    return text.hasPrefix("-") ? .zero - span : span
  }
}

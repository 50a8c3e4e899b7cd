public import Calendars
internal import Domain

extension SessionTrigger {
  /// Reads `open`, `open+5m`, `close-10m`.
  public init(_ text: some StringProtocol) throws(CronSyntaxError) {
    let word = text.prefix { $0.isLetter }
    guard let anchor = Anchor(rawValue: word.lowercased()) else {
      throw CronSyntaxError(
        "`\(text.prefix(40))` does not begin with open or close",
        at: 0..<max(1, min(40, word.count)), mend: "write open+5m or close-10m")
    }
    let rest = text.dropFirst(word.count)
    guard let sign = rest.first else {
      self.init(anchor)
      return
    }
    let columns = word.count..<word.count + min(40, rest.count)
    guard sign == "+" || sign == "-", let span = TimeSpan(rest.dropFirst()) else {
      throw CronSyntaxError(
        "`\(rest.prefix(40))` is not + or - and a length of time", at: columns,
        mend: "write \(anchor.rawValue)+5m or \(anchor.rawValue)-10m")
    }
    guard span <= Self.furthest else {
      throw CronSyntaxError(
        "\(span) is too far from the session", at: columns,
        mend: "stay within \(Self.furthest)")
    }
    self.init(anchor, sign == "+" ? span : .zero - span)
  }
}

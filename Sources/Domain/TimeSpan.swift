/// A length of time in milliseconds; negative spans are legal results of subtraction.
public struct TimeSpan: Hashable, Comparable, Sendable {
  /// The length in milliseconds.
  public var milliseconds: Int64

  /// No time at all.
  public static let zero = TimeSpan(milliseconds: 0)

  /// A span of so many milliseconds.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// A span of so many milliseconds.
  public static func milliseconds(_ n: Int64) -> TimeSpan { TimeSpan(milliseconds: n) }

  /// A span of so many seconds.
  public static func seconds(_ n: Int64) -> TimeSpan { TimeSpan(milliseconds: n * 1000) }

  /// A span of so many minutes.
  public static func minutes(_ n: Int64) -> TimeSpan { .seconds(n * 60) }

  /// A span of so many hours.
  public static func hours(_ n: Int64) -> TimeSpan { .minutes(n * 60) }

  /// A span of so many days of 24 hours.
  public static func days(_ n: Int64) -> TimeSpan { .hours(n * 24) }

  /// Orders by length.
  public static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.milliseconds < b.milliseconds }

  /// The sum of two spans.
  public static func + (a: TimeSpan, b: TimeSpan) -> TimeSpan {
    TimeSpan(milliseconds: a.milliseconds + b.milliseconds)
  }

  /// The difference of two spans.
  public static func - (a: TimeSpan, b: TimeSpan) -> TimeSpan {
    TimeSpan(milliseconds: a.milliseconds - b.milliseconds)
  }

  /// A span so many times as long.
  public static func * (a: TimeSpan, n: Int64) -> TimeSpan {
    TimeSpan(milliseconds: a.milliseconds * n)
  }
}

extension TimeSpan {
  private static let units: [(suffix: String, milliseconds: Int64)] = [
    ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// Reads `90s`, `5m`, `1h30m`, `2d`, `1w`, `250ms`: one or more pairs of a whole number and a
  /// unit, each unit at most once and from the largest to the smallest. Nil for anything else, and
  /// for more than 100 years.
  public init?(_ text: some StringProtocol) {
    guard let milliseconds = Self.milliseconds(of: text), milliseconds <= Self.longest.milliseconds
    else { return nil }
    self.milliseconds = milliseconds
  }

  /// The longest span that a text may say: 100 years of 365.25 days.
  public static let longest = TimeSpan(milliseconds: 3_155_760_000_000)

  /// Whether a text says a span, but one that is longer than a text may say.
  public static func isTooLong(_ text: some StringProtocol) -> Bool {
    milliseconds(of: text).map { $0 > longest.milliseconds } ?? false
  }

  /// What a text says, at most `Int64.max`; nil where it says no span.
  private static func milliseconds(of text: some StringProtocol) -> Int64? {
    var rest = Substring(text).utf8[...]
    var total: Int64 = 0
    var nextUnit = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      var number: Int64 = 0
      var digits = 0
      while let byte = rest.first, byte >= 48, byte <= 57 {
        digits += 1
        // Of more digits than fit into 64 bits the number is too large, whatever it is.
        number = digits <= 15 ? number * 10 + Int64(byte - 48) : .max
        rest = rest.dropFirst()
      }
      guard digits > 0 else { return nil }
      let letters = rest.prefix { $0 >= 97 && $0 <= 122 }
      let suffix = String(decoding: letters, as: UTF8.self)
      guard let unit = units.firstIndex(where: { $0.suffix == suffix }), unit >= nextUnit
      else { return nil }
      nextUnit = unit + 1
      rest = rest.dropFirst(letters.count)
      let (part, tooLarge) = number.multipliedReportingOverflow(by: units[unit].milliseconds)
      let sum = total.addingReportingOverflow(part)
      total = tooLarge || sum.overflow ? .max : sum.partialValue
    }
    return total
  }
}

extension TimeSpan: CustomStringConvertible {
  /// The shortest text that `init(_:)` reads back: `1h30m`, `5m`, `0s`; a minus sign before a
  /// negative span.
  public var description: String {
    if milliseconds == 0 { return "0s" }
    var rest = milliseconds.magnitude
    var text = milliseconds < 0 ? "-" : ""
    for unit in Self.units.dropFirst() {
      let size = UInt64(unit.milliseconds)
      if rest >= size {
        text += "\(rest / size)\(unit.suffix)"
        rest %= size
      }
    }
    return text
  }

  /// For people: the two largest units (`6d02h`, `56m23s`, `4s`), rounded down.
  public var rounded: String {
    let seconds = milliseconds.magnitude / 1000
    let (d, h, m, s) = (
      seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60
    )
    let sign = milliseconds < 0 ? "-" : ""
    func two(_ n: UInt64) -> String { n < 10 ? "0\(n)" : "\(n)" }
    if d > 0 { return "\(sign)\(d)d\(two(h))h" }
    if h > 0 { return "\(sign)\(h)h\(two(m))m" }
    if m > 0 { return "\(sign)\(m)m\(two(s))s" }
    return "\(sign)\(s)s"
  }

  /// For people: the largest unit alone (`6d`, `53m`, `4s`), rounded towards zero; from two of a unit on.
  public var coarse: String {
    let seconds = milliseconds / 1000
    if seconds.magnitude >= 2 * 86_400 { return "\(seconds / 86_400)d" }
    if seconds.magnitude >= 2 * 3600 { return "\(seconds / 3600)h" }
    if seconds.magnitude >= 120 { return "\(seconds / 60)m" }
    return "\(seconds)s"
  }
}

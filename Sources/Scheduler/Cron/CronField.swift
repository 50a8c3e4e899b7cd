/// One of the five fields of an expression: its values and names.
enum CronField: Int, CaseIterable {
  case minute, hour, dayOfMonth, month, dayOfWeek

  /// As messages call it.
  var name: String {
    switch self {
    case .minute: "minute"
    case .hour: "hour"
    case .dayOfMonth: "day-of-month"
    case .month: "month"
    case .dayOfWeek: "day-of-week"
    }
  }

  /// The values that may be written; 7 is Sunday as 0 is.
  var values: ClosedRange<Int> {
    switch self {
    case .minute: 0...59
    case .hour: 0...23
    case .dayOfMonth: 1...31
    case .month: 1...12
    case .dayOfWeek: 0...7
    }
  }

  /// How many different values there are.
  var width: Int { self == .dayOfWeek ? 7 : values.count }

  /// The names of the values, from the first value on; empty where there are none.
  var names: [String] {
    switch self {
    case .month: Self.months
    case .dayOfWeek: Self.weekdays
    default: []
    }
  }

  static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
  static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

  /// The value as a list writes it best: its name, else the number.
  func word(_ value: Int) -> String {
    switch self {
    case .month: Self.months[value - 1]
    case .dayOfWeek: Self.weekdays[value % 7]
    default: String(value)
    }
  }
}

/// What one field matches.
struct CronFieldSet: Hashable {
  /// One bit for each value; Sunday is bit 0.
  var bits: UInt64 = 0
  /// Day-of-month `L`: the last day of the month.
  var isLastDay = false
  /// Day-of-week `n#k`: bit n of the set at k - 1; the set at 5 is `nL`.
  var nth = SIMD8<UInt8>()
  /// Whether the text begins with `*`.
  var beginsWithStar = false

  /// Whether every value of the field matches.
  func isFull(_ field: CronField) -> Bool { bits.nonzeroBitCount == field.width }
}

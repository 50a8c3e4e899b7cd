import Domain

/// Metrics as text: in the exposition format of Prometheus, version 0.0.4, or as OpenMetrics 1.0.
///
/// Sources: prometheus.io/docs/instrumenting/exposition_formats; the OpenMetrics specification
/// (prometheus.io/docs/specs/om/open_metrics_spec): a counter's family is named without `_total`, an
/// info's without `_info`, a family whose name ends with its unit says so, and the text ends with
/// `# EOF`.
struct MetricsText {
  /// The format.
  let format: MetricsFormat
  /// The text so far; each line ends with a line feed.
  private(set) var text = ""
  private var family = ""
  private var header = ""
  private var seen: Set<String> = []

  /// What kind of numbers a family has.
  enum Kind: String {
    case counter, gauge, histogram
    /// Labels that tell something, with the value 1; the older format knows it as a gauge.
    case info
  }

  /// No metrics yet.
  init(_ format: MetricsFormat) { self.format = format }

  /// The text to its end.
  var whole: String { format == .openMetrics ? text + "# EOF\n" : text }

  /// Begins a family; without a sample it leaves no trace.
  mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    precondition(seen.insert(name).inserted, "the family \(name) begins twice")
    precondition(
      name.utf8.allSatisfy { Self.isNameByte($0) }, "\(name) is no name of a metric")
    family = name
    guard format == .openMetrics else {
      let known = kind == .info ? Kind.gauge : kind
      header =
        "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(known.rawValue)\n"
      return
    }
    let suffix = kind == .counter ? "_total" : kind == .info ? "_info" : ""
    precondition(name.hasSuffix(suffix), "\(name) does not end with \(suffix)")
    let stem = name.dropLast(suffix.utf8.count)
    header = "# TYPE \(stem) \(kind.rawValue)\n"
    if let unit = ["seconds", "bytes", "ratio"].first(where: { stem.hasSuffix("_\($0)") }) {
      header += "# UNIT \(stem) \(unit)\n"
    }
    header += "# HELP \(stem) \(Self.escaped(help, quotes: true))\n"
  }

  /// Adds a sample of the family that was begun.
  mutating func add(_ value: MetricValue, _ labels: KeyValuePairs<String, String> = [:]) {
    line(family, labels.map { ($0.key, $0.value) }, value)
  }

  /// Adds all samples of a histogram.
  mutating func add(_ histogram: Histogram, _ labels: KeyValuePairs<String, String>) {
    let labels = labels.map { ($0.key, $0.value) }
    var total = 0
    for (bound, count) in zip(histogram.boundsMilliseconds, histogram.counts) {
      total += count
      var edge = MetricValue(seconds: .milliseconds(bound)).text
      // OpenMetrics writes the bounds of buckets as floating-point numbers.
      if format == .openMetrics, bound % 1000 == 0 { edge += ".0" }
      line("\(family)_bucket", labels + [("le", edge)], MetricValue(total))
    }
    line("\(family)_bucket", labels + [("le", "+Inf")], MetricValue(histogram.count))
    line("\(family)_sum", labels, MetricValue(seconds: histogram.sum))
    line("\(family)_count", labels, MetricValue(histogram.count))
  }

  private mutating func line(
    _ name: String, _ labels: [(String, String)], _ value: MetricValue
  ) {
    text += header
    header = ""
    text += name
    if !labels.isEmpty {
      text += "{"
      for (index, (key, label)) in labels.enumerated() {
        if index > 0 { text += "," }
        text += "\(key)=\"\(Self.escaped(label, quotes: true))\""
      }
      text += "}"
    }
    text += " \(value.text)\n"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    guard text.utf8.contains(where: { $0 == 10 || $0 == 34 || $0 == 92 }) else { return text }
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57) || byte == UInt8(ascii: "_")
  }
}

/// The number of a sample.
struct MetricValue: Hashable, Sendable {
  /// As Prometheus reads it.
  let text: String

  /// A whole number.
  init(_ value: some BinaryInteger) { text = "\(value)" }

  /// 1 or 0.
  init(_ value: Bool) { text = value ? "1" : "0" }

  /// A floating-point number: a score, a price of a candle.
  init(_ value: Double) {
    text =
      value.isNaN ? "NaN" : value.isInfinite ? (value > 0 ? "+Inf" : "-Inf") : value.description
  }

  /// An exact decimal, of money.
  init(_ value: Amount) { text = value.description }

  /// A span in seconds, to the millisecond.
  init(seconds span: TimeSpan) {
    let magnitude = span.milliseconds.magnitude
    let sign = span.milliseconds < 0 ? "-" : ""
    let rest = magnitude % 1000
    var digits = String(rest + 1000).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    text = "\(sign)\(magnitude / 1000)" + (rest == 0 ? "" : ".\(digits)")
  }

  /// An instant in seconds since the Unix epoch.
  init(_ instant: Instant) { self.init(seconds: instant - .epoch) }

  private init(text: String) { self.text = text }

  /// Later than all times.
  static let infinity = MetricValue(text: "+Inf")
}

public import Domain

/// Features as text: a header and one line per candle.
public struct FeatureTable: Sendable {
  /// The names of the columns after `time_ms`.
  public let names: [String]

  /// A table of these columns.
  public init(names: [String]) { self.names = names }

  /// `time_ms,NAME,...` with its line feed; a name with a comma in it is quoted.
  public var header: String {
    (["time_ms"] + names.map(CSVLine.cell)).joined(separator: ",") + "\n"
  }

  /// One line with its line feed: the time in milliseconds, then each value in the fewest digits
  /// that read back the same; nothing where a value is missing.
  public func line(_ time: Instant, _ values: some Sequence<Double>) -> String {
    var text = "\(time.milliseconds)"
    for value in values {
      text += ","
      if !value.isNaN { text += "\(value)" }
    }
    return text + "\n"
  }
}

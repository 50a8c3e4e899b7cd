import Domain

/// A curve drawn with Braille dots: two by four to a character.
struct EquityChart {
  private static let columns = 64
  private static let rows = 8

  private let values: [Double]

  /// The chart of values at even distances, oldest first.
  init(_ values: [Double]) { self.values = values }

  /// The lines of the chart, with the highest and lowest value beside it.
  var lines: [String] {
    guard let low = values.min(), let high = values.max(), values.count > 1 else { return [] }
    let width = Self.columns * 2
    let height = Self.rows * 4
    var cells = [[UInt32]](repeating: [UInt32](repeating: 0, count: Self.columns), count: Self.rows)
    var previous: Int?
    for x in 0..<width {
      let value = values[x * (values.count - 1) / (width - 1)]
      let part = high > low ? (value - low) / (high - low) : 0.5
      let y = height - 1 - Int((part * Double(height - 1)).rounded())
      // Steep steps are filled, so that the curve is one line.
      let from = min(previous ?? y, y)
      let to = max(previous ?? y, y)
      for dot in from...to { cells[dot / 4][x / 2] |= Self.dots[dot % 4][x % 2] }
      previous = y
    }
    let labels = [0: Self.label(high), Self.rows - 1: Self.label(low)]
    let margin = labels.values.map(\.count).max() ?? 0
    return cells.enumerated().map { index, row in
      let label = labels[index] ?? ""
      let padding = String(repeating: " ", count: margin - label.count)
      let line = row.compactMap { Unicode.Scalar(0x2800 + $0) }
        .reduce(into: "") { $0.unicodeScalars.append($1) }
      return "  \(padding)\(label) ┤\(line)"
    }
  }

  /// The bits of a Braille character: rows from the top, columns from the left.
  private static let dots: [[UInt32]] = [
    [0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80],
  ]

  private static func label(_ value: Double) -> String {
    do {
      let amount = try Amount(observed: value)
      return amount.formatted(places: value.magnitude < 100 ? 4 : 2)
    } catch {
      return "\(value)"
    }
  }
}

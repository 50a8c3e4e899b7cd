public import Domain

/// A drawing of values over time, with a title for who does not see it. The table twin stands beside
/// it on the page, and so does a link to all values.
public struct Chart: Sendable {
  /// A line.
  public struct Line: Sendable {
    let name: String
    let values: [Double?]

    /// A line of a value, or none, for each time.
    public init(_ name: String, _ values: [Double?]) { (self.name, self.values) = (name, values) }
  }

  private let title: String
  private let times: [Instant]
  private let lines: [Line]
  private let clock: PageClock
  private let isFilled: Bool
  private let points: Int
  private let format: @Sendable (Double) -> String

  /// So many points of a line are drawn at most: of more, the lowest and highest of each part.
  public static let maximumPoints = 240

  /// A chart of lines over the same times; `isFilled` fills the first down from its zero, and `points` are drawn
  /// of a line at most.
  public init(
    _ title: String, times: [Instant], lines: [Line], clock: PageClock, isFilled: Bool = false,
    points: Int = Self.maximumPoints, format: @escaping @Sendable (Double) -> String
  ) {
    precondition(lines.allSatisfy { $0.values.count == times.count }, "a value for each time")
    (self.title, self.times, self.lines) = (title, times, lines)
    (self.clock, self.isFilled, self.points, self.format) = (clock, isFilled, points, format)
  }

  /// The drawing; a sentence where there is too little to draw.
  public var html: HTML {
    let finite = lines.flatMap(\.values).compactMap(\.self).filter(\.isFinite)
    guard times.count > 1, let first = times.first, let last = times.last, first < last,
      var low = finite.min(), var high = finite.max()
    else { return "<p class=\"dim\">\(title): too little to draw yet</p>" }
    if isFilled { high = max(high, 0) }
    if low == high { (low, high) = (low - 1, high + 1) }
    let plot = Plot(times: first...last, low: low, high: high)
    let axis = plot.axis(format)
    let drawn = lines.map { thinned($0) }
    // Whoever points at a line is told of each line at the same time.
    let told = Set(drawn.joined()).sorted()
    let paths = zip(lines, drawn).enumerated().map { index, shown -> HTML in
      let (line, indices) = shown
      let points = indices.compactMap { place in
        line.values[place].map { (time: times[place], value: $0) }
      }
      let values = PointedValues.text(told.map { line.values[$0].map(format) ?? "" })
      let stroke: HTML = """
        <path class="l\(index)" d="\(plot.path(points))" data-n="\(line.name)" data-v="\(values)"/>
        """
      guard isFilled, index == 0, let start = points.first else { return stroke }
      let zero = Plot.text(plot.y(0))
      let close = "V\(zero)H\(Plot.text(plot.x(start.time)))Z"
      return "<path class=\"area\" d=\"\(plot.path(points))\(close)\"/>\(stroke)"
    }.joined
    let legend = lines.enumerated().map { index, line -> HTML in
      "<li class=\"k\(index)\">\(line.name)</li>"
    }.joined
    let said =
      "\(title), \(clock.text(first)) to \(clock.text(last)): "
      + lines.map { line in
        let known = line.values.compactMap(\.self)
        guard let begin = known.first, let end = known.last else { return "\(line.name) unknown" }
        return "\(line.name) from \(format(begin)) to \(format(end))"
      }.joined(separator: ", ")
    return """
      <figure\(HTML.part) class="chart"><figcaption>\(title)<ul class="legend">\(legend)</ul></figcaption>
      <svg viewBox="0 0 720 230" role="img" aria-label="\(said)" \
      \(PointedValues.axes(told.map { times[$0] }, plot, clock, format))>\(paths)\(axis)
      <text x="0" y="226">\(clock.axis(first))</text><text x="720" y="226" class="e">\
      \(clock.axis(last)) \(clock.zone.name)</text></svg></figure>\(HTML.partEnd)
      """
  }

  /// The points that are drawn, by their places, in order of time.
  private func thinned(_ line: Line) -> [Int] {
    let known = line.values.indices.compactMap { place -> (place: Int, value: Double)? in
      line.values[place].flatMap { $0.isFinite ? (place, $0) : nil }
    }
    guard known.count > points else { return known.map(\.place) }
    let parts = points / 2
    return (0..<parts).flatMap { part -> [Int] in
      let range = part * known.count / parts..<(part + 1) * known.count / parts
      guard let low = range.min(by: { known[$0].value < known[$1].value }),
        let high = range.max(by: { known[$0].value < known[$1].value })
      else { return [] }
      return low == high
        ? [known[low].place] : [known[min(low, high)].place, known[max(low, high)].place]
    }
  }
}

/// Where a time and a value are in a drawing of 720 by 230, with a line of text below.
struct Plot {
  static let width = 720.0
  let times: ClosedRange<Instant>
  let low: Double
  let high: Double

  func x(_ time: Instant) -> Double {
    let whole = Double((times.upperBound - times.lowerBound).milliseconds)
    return Double((time - times.lowerBound).milliseconds) / whole * Self.width
  }

  func y(_ value: Double) -> Double { 8 + (high - value) / (high - low) * 196 }

  func path(_ points: [(time: Instant, value: Double)]) -> String {
    points.enumerated().map { index, point in
      "\(index == 0 ? "M" : "L")\(Self.text(x(point.time))) \(Self.text(y(point.value)))"
    }.joined()
  }

  /// Lines at the highest value, the lowest and between, with their values at the right.
  func axis(_ format: (Double) -> String) -> HTML {
    [high, (high + low) / 2, low].map { value -> HTML in
      let y = Self.text(y(value))
      let shift = value == low ? "-.35em" : "1.1em"
      return """
        <path class="gr" d="M0 \(y)H720"/><text class="e" x="720" y="\(y)" dy="\(shift)">\
        \(format(value))</text>
        """
    }.joined
  }

  /// With one decimal, which is a tenth of a pixel.
  static func text(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let rest = tenths.magnitude % 10
    let sign = tenths < 0 ? "-" : ""
    return "\(sign)\(tenths.magnitude / 10)" + (rest == 0 ? "" : ".\(rest)")
  }
}

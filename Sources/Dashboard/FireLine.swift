public import Domain

/// What fires over a stretch of time as a drawing: a row for each job, a stroke for each slot. The table of
/// slots is its twin.
public struct FireLine: Sendable {
  private let title: String
  private let span: ClosedRange<Instant>
  private let rows: [(name: String, times: [Instant])]
  private let clock: PageClock

  /// More strokes of a row than this are one beside the other: these many are drawn.
  static let maximumStrokes = 240
  private static let rowHeight = 44

  /// A drawing of rows over a span; slots outside it are left out.
  public init(
    _ title: String, over span: ClosedRange<Instant>, rows: [(name: String, times: [Instant])],
    clock: PageClock
  ) {
    (self.title, self.span, self.rows, self.clock) = (title, span, rows, clock)
  }

  /// The drawing; a sentence where nothing fires.
  public var html: HTML {
    let rows = rows.map { (name: $0.name, times: $0.times.filter(span.contains)) }
      .filter { !$0.times.isEmpty }
    guard !rows.isEmpty, span.lowerBound < span.upperBound else {
      return "<p class=\"dim\">\(title): nothing fires</p>"
    }
    let plot = Plot(times: span, low: 0, high: 1)
    let drawn = rows.enumerated().map { index, row -> HTML in
      let top = index * Self.rowHeight
      var strokes = ""
      var last = ""
      for time in row.times {
        let x = Plot.text(
          (plot.x(time) * Double(Self.maximumStrokes) / Plot.width).rounded()
            * Plot.width / Double(Self.maximumStrokes))
        if x != last { strokes += "M\(x) \(top + 24)v16" }
        last = x
      }
      return """
        <text x="0" y="\(top + 18)">\(row.name)</text><path class="gr" d="M0 \(top + 40)H720"/>\
        <path class="l0" d="\(strokes)"/>
        """
    }.joined
    let height = rows.count * Self.rowHeight
    let said =
      "\(title), \(clock.text(span.lowerBound)) to \(clock.text(span.upperBound)): "
      + rows.map { "\($0.name) \($0.times.count)" }.joined(separator: ", ")
    return """
      <figure\(HTML.part) class="chart"><figcaption>\(title)</figcaption>
      <svg viewBox="0 0 720 \(height + 28)" role="img" aria-label="\(said)">\(drawn)
      <text x="0" y="\(height + 22)">\(clock.axis(span.lowerBound))</text><text x="720" \
      y="\(height + 22)" class="e">\(clock.axis(span.upperBound)) \(clock.zone.name)</text></svg></figure>\(HTML.partEnd)
      """
  }
}

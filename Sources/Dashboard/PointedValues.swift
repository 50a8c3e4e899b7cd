import Domain

/// What a drawing knows of its points beside what is drawn, for who points at it: attributes that the script reads, since a
/// drawing alone tells a value no more exactly than a tenth of a pixel.
enum PointedValues {
  /// The times of the points, in seconds: begin and end of the drawing, a unit, and how many units each point is
  /// behind the one before it, the first behind the begin; the values at top and bottom; the zone.
  static func axes(
    _ times: [Instant], _ plot: Plot, _ clock: PageClock, _ format: (Double) -> String
  ) -> HTML {
    let (begin, end) = (plot.times.lowerBound.seconds, plot.times.upperBound.seconds)
    var (last, steps) = (begin, [Int64]())
    for time in times {
      steps.append(time.seconds - last)
      last = time.seconds
    }
    let unit = max(1, steps.reduce(0) { divisor($0, $1) })
    let text = ([begin, end, unit] + steps.map { $0 / unit }).map(String.init)
      .joined(separator: " ")
    return """
      data-t="\(text)" data-y="\(self.text([format(plot.high), format(plot.low)]))" \
      data-z="\(clock.zone.name)"
      """
  }

  /// Values in the order of the points; an empty one is none.
  static func text(_ values: [String]) -> String { values.joined(separator: "|") }

  /// The greatest common divisor (Euclid, Elements VII, 2).
  private static func divisor(_ a: Int64, _ b: Int64) -> Int64 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}

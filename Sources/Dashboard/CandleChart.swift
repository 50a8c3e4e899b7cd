public import Domain

/// Candles as a drawing, with orders as marks: a triangle up for what was bought, down for what was
/// sold.
public struct CandleChart: Sendable {
  /// A trade.
  public struct Mark: Sendable {
    let time: Instant
    let price: Double
    let isPurchase: Bool

    /// A trade at a time and price.
    public init(time: Instant, price: Double, isPurchase: Bool) {
      (self.time, self.price, self.isPurchase) = (time, price, isPurchase)
    }
  }

  private let title: String
  private let candles: [Candle]
  private let marks: [Mark]
  private let clock: PageClock
  private let format: @Sendable (Double) -> String

  /// So many candles are drawn at most: more are joined, neighbour with neighbour.
  static let maximumCandles = 160

  /// A chart of candles in order of time.
  public init(
    _ title: String, candles: [Candle], marks: [Mark], clock: PageClock,
    format: @escaping @Sendable (Double) -> String
  ) {
    (self.title, self.candles, self.marks) = (title, candles, marks)
    (self.clock, self.format) = (clock, format)
  }

  /// The drawing; a sentence where there is too little to draw.
  public var html: HTML {
    guard candles.count > 1, let first = candles.first, let last = candles.last,
      var low = candles.map(\.low).min(), var high = candles.map(\.high).max()
    else { return "<p class=\"dim\">\(title): too little to draw yet</p>" }
    if low == high { (low, high) = (low - 1, high + 1) }
    let plot = Plot(times: first.time...last.time, low: low, high: high)
    let axis = plot.axis(format)
    let shown = Self.joined(candles)
    let half = max(0.6, Plot.width / Double(shown.count) * 0.35)
    func values(_ part: (Candle) -> Double) -> String {
      PointedValues.text(shown.map { format(part($0)) })
    }
    var (rising, falling) = ("", "")
    for candle in shown {
      let shape = Self.shape(candle, plot, half)
      if candle.close >= candle.open { rising += shape } else { falling += shape }
    }
    var (bought, sold) = ("", "")
    for mark in marks where mark.time >= first.time {
      // What was traded beside the last candle stands at it.
      let x = plot.x(min(mark.time, last.time))
      let (y, d) = (plot.y(min(max(mark.price, low), high)), mark.isPurchase ? 1.0 : -1.0)
      let path = "M\(Plot.text(x)) \(Plot.text(y + 3 * d))l-5 \(Plot.text(9 * d))h10Z"
      if mark.isPurchase { bought += path } else { sold += path }
    }
    let trades: HTML =
      "<path class=\"buy\" d=\"\(bought)\"/><path class=\"sell\" d=\"\(sold)\"/>"
    let said =
      "\(title), \(clock.text(first.time)) to \(clock.text(last.time)): close from "
      + "\(format(first.close)) to \(format(last.close)), lowest \(format(low)), "
      + "highest \(format(high)), \(marks.count) trades"
    return """
      <figure\(HTML.part) class="chart"><figcaption>\(title)<ul class="legend"><li class="kb">▲ bought</li>\
      <li class="ks">▼ sold</li></ul></figcaption>
      <svg viewBox="0 0 720 230" role="img" aria-label="\(said)" \
      \(PointedValues.axes(shown.map(\.time), plot, clock, format))>
      <path class="up" d="\(rising)" data-n="close" data-v="\(values(\.close))"/>\
      <path data-n="high" data-v="\(values(\.high))"/>\
      <path data-n="low" data-v="\(values(\.low))"/><path class="down" d="\(falling)"/>\(trades)\(axis)
      <text x="0" y="226">\(clock.axis(first.time))</text><text x="720" y="226" class="e">\
      \(clock.axis(last.time)) \(clock.zone.name)</text></svg></figure>\(HTML.partEnd)
      """
  }

  /// A wick and a body, as one path.
  private static func shape(_ candle: Candle, _ plot: Plot, _ half: Double) -> String {
    let x = plot.x(candle.time)
    let (top, bottom) = (
      plot.y(max(candle.open, candle.close)), plot.y(min(candle.open, candle.close))
    )
    let text = Plot.text
    return "M\(text(x)) \(text(plot.y(candle.high)))V\(text(plot.y(candle.low)))"
      + "M\(text(x - half)) \(text(top))h\(text(2 * half))V\(text(max(bottom, top + 0.5)))"
      + "h\(text(-2 * half))Z"
  }

  /// Neighbours joined until there are few enough.
  static func joined(_ candles: [Candle]) -> [Candle] {
    guard candles.count > maximumCandles else { return candles }
    let width = (candles.count + maximumCandles - 1) / maximumCandles
    return stride(from: 0, to: candles.count, by: width).compactMap { start in
      let part = candles[start..<min(start + width, candles.count)]
      guard let first = part.first, let last = part.last else { return nil }
      return Candle(
        time: first.time, open: first.open, high: part.map(\.high).max() ?? first.high,
        low: part.map(\.low).min() ?? first.low, close: last.close,
        volume: part.map(\.volume).reduce(0, +))
    }
  }
}

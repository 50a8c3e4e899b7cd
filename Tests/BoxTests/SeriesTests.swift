import Domain
import Testing

@testable import Box

@Suite struct SeriesTests {
  static let begin = Instant(rfc3339: "2018-01-10T00:00:00Z")!
  static let span = TimeSpan.minutes(5)

  /// Three candles of five minutes.
  static func series(shift: TimeSpan = .zero) -> FileSeries {
    FileSeries(
      [
        Candle(time: begin, open: 10, high: 13, low: 9, close: 12, volume: 7),
        Candle(time: begin + span, open: 12, high: 12.5, low: 8, close: 8.5, volume: 1e-7),
        Candle(time: begin + span * 2, open: 8.5, high: 8.5, low: 8.5, close: 8.5, volume: 0),
      ], Timeframe("5m")!, shift: shift, decimals: 2)
  }

  @Test(arguments: [0, 1, 2]) func minutesAddUpToTheirCandle(_ index: Int64) throws {
    let series = Self.series()
    let open = Self.begin + Self.span * index
    let minutes = series.candles(.minutes(1), from: open, before: open + Self.span)
    let whole = try #require(
      series.candles(Self.span, from: open, before: open + .minutes(1)).first)
    #expect(minutes.map(\.time) == (0..<5).map { open + .minutes($0) })
    #expect(minutes.first?.open == whole.open)
    #expect(minutes.last?.close == whole.close)
    #expect(minutes.map(\.high).max() == whole.high)
    #expect(minutes.map(\.low).min() == whole.low)
    #expect(zip(minutes, minutes.dropFirst()).allSatisfy { $0.close == $1.open })
    #expect(abs(minutes.reduce(0) { $0 + $1.volume } - whole.volume) < 1e-12)
    for minute in minutes { #expect(minute.defect(in: .minute) == nil) }
  }

  @Test func goesOnBackwardsAndForwards() {
    let candles = Self.series().candles(
      Self.span, from: Self.begin, before: Self.begin + Self.span * 9)
    #expect(candles.map(\.time) == (0..<9).map { Self.begin + Self.span * $0 })
    #expect(candles.map(\.close) == [12, 8.5, 8.5, 8.5, 12, 10, 12, 8.5, 8.5])
    #expect(zip(candles, candles.dropFirst()).allSatisfy { $0.close == $1.open })
  }

  @Test(arguments: [(0, 9), (1, 2), (2, 4), (3, 4), (4, 7), (5, 6), (8, 9)])
  func tellsAnyPart(_ from: Int64, _ before: Int64) {
    let series = Self.series(shift: .days(3))
    let start = Self.begin + .days(3)
    let all = series.candles(Self.span, from: start, before: start + Self.span * 9)
    let part = series.candles(
      Self.span, from: start + Self.span * from, before: start + Self.span * before)
    #expect(part == Array(all[Int(from)..<Int(before)]))
  }

  @Test func tellsNothingBeforeItsBeginning() {
    #expect(
      Self.series().candles(Self.span, from: Self.begin - .days(1), before: Self.begin).isEmpty)
  }

  @Test(arguments: [
    // interval, a time -> when its candle opens
    (KlineInterval.span(.hours(4)), "2026-11-28T13:37:00Z", "2026-11-28T12:00:00Z"),
    (.span(.days(7)), "2026-11-29T23:59:00Z", "2026-11-23T00:00:00Z"),
    (.span(.days(7)), "2026-11-30T00:00:00Z", "2026-11-30T00:00:00Z"),
    (.month, "2026-02-28T23:59:59Z", "2026-02-01T00:00:00Z"),
  ])
  func candlesOpenAtTheirTimes(_ interval: KlineInterval, _ time: String, _ open: String) {
    #expect(interval.open(at: Instant(rfc3339: time)!) == Instant(rfc3339: open)!)
  }

  @Test func monthsEndWithTheirDays() {
    let open = Instant(rfc3339: "2028-02-01T00:00:00Z")!
    #expect(KlineInterval.month.close(of: open) == Instant(rfc3339: "2028-03-01T00:00:00Z")!)
  }

  @Test(arguments: [
    // value, places -> text
    (0.09946999000000001, 8, "0.09946999"), (35427.5, 8, "35427.50000000"), (0, 8, "0.00000000"),
    (1e-7, 8, "0.00000010"), (-2.706, 3, "-2.706"), (-0.00001, 3, "0.000"), (5, 0, "5"),
    (123_456_789_012, 8, "123456789012.00000000"),
  ])
  func writesNumbersWithTheirPlaces(_ value: Double, _ places: Int, _ text: String) {
    #expect(FixedText.text(value, places: places) == text)
  }
}

import Domain
import Testing

@testable import Dashboard

/// Where the lines of a drawing are.
@Suite struct ChartTests {
  private static let start = Instant(seconds: 1_764_000_000)
  private static let clock = PageClock(zone: .utc)

  @Test func aLineGoesFromCornerToCorner() {
    // The drawing is 720 wide; values have 196 of its height, below a margin of 8.
    let chart = Chart(
      "Equity", times: [Self.start, Self.start + .hours(1), Self.start + .hours(4)],
      lines: [.init("equity", [1, 3, 2])], clock: Self.clock
    ) { "\($0)" }
    let html = chart.html.text
    // One hour of four is 180 of 720; the middle value is half of 196 below the margin: 8 + 98.
    #expect(html.contains("<path class=\"l0\" d=\"M0 204L180 8L720 106\" "))
    // For who points at it: an hour is 3600 s, and the points are 0, 1 and 3 of them behind each other.
    #expect(html.contains("data-n=\"equity\" data-v=\"1.0|3.0|2.0\"/>"))
    #expect(
      html.contains("data-t=\"1764000000 1764014400 3600 0 1 3\" data-y=\"3.0|1.0\" data-z=\"UTC\"")
    )
    #expect(
      html.contains(
        "Equity, 2025-11-24 16:00:00Z to 2025-11-24 20:00:00Z: equity from 1.0 to 2.0"))
  }

  @Test(arguments: [[], [1.0], [.nan, .nan], [nil, nil]] as [[Double?]])
  func tooLittleIsSaid(_ values: [Double?]) {
    let times = values.indices.map { Self.start + .hours(Int64($0)) }
    let chart = Chart("Equity", times: times, lines: [.init("e", values)], clock: Self.clock) {
      "\($0)"
    }
    #expect(chart.html.text == "<p class=\"dim\">Equity: too little to draw yet</p>")
  }

  @Test func aYearOfHoursIsThinnedAndKeepsItsExtremes() throws {
    var values = (0..<8760).map { Double?(Double($0 % 24)) }
    (values[5000], values[6001]) = (900, -900)
    let times = values.indices.map { Self.start + .hours(Int64($0)) }
    let html = Chart("E", times: times, lines: [.init("e", values)], clock: Self.clock) { "\($0)" }
      .html.text
    #expect(html.utf8.count < 8000)
    // Two lines are told of at the same times: each has a value, or none, for each point of either.
    let two = Chart(
      "E", times: times, lines: [.init("e", values), .init("f", values.map { $0.map { -$0 } })],
      clock: Self.clock
    ) { "\($0)" }.html.text
    let told = two.matches(of: /data-v="([^"]*)"/).map { $0.1.split(separator: "|").count }
    let steps = try #require(two.firstMatch(of: /data-t="([^"]*)"/)?.1.split(separator: " "))
    #expect(told == [steps.count - 3, steps.count - 3])
    let path = try #require(html.firstMatch(of: /class="l0" d="([^"]*)"/)?.1)
    #expect(path.split(whereSeparator: { "ML".contains($0) }).count <= Chart.maximumPoints)
    // Highest and lowest are drawn, at the top and at the bottom.
    #expect(path.contains(" 8L") && path.contains(" 204L"))
  }

  @Test func candlesAreJoined() throws {
    // 321 of them in parts of three: 107 parts.
    let candles: [Candle] = (0..<321).map { (n: Int) -> Candle in
      let open = Double(n)
      return Candle(
        time: Self.start + .hours(Int64(n)), open: open, high: open + 2, low: open - 1,
        close: open + 1, volume: 1)
    }
    let joined = CandleChart.joined(candles)
    #expect(joined.count == 107)
    let second = joined[1]
    #expect((second.open, second.high, second.low) == (3, 7, 2))
    #expect((second.close, second.volume) == (6, 3))
    #expect(CandleChart.joined(Array(candles.prefix(160))).count == 160)
  }

  @Test func slotsStandWhereTheyFire() {
    let line = FireLine(
      "Next", over: Self.start...Self.start + .hours(4),
      rows: [
        (name: "fetch", times: [Self.start + .hours(1), Self.start + .hours(5)]),
        (name: "late", times: [Self.start + .hours(6)]),
      ], clock: Self.clock)
    // One hour of four is 180 of 720; what fires later is left out, and a row without slots too.
    let html = line.html.text
    #expect(html.contains("<path class=\"l0\" d=\"M180 24v16\"/>"))
    #expect(html.contains("20:00:00Z: fetch 1\"") && !html.contains("late"))
    let none = FireLine("Next", over: Self.start...Self.start, rows: [], clock: Self.clock)
    #expect(none.html.text == "<p class=\"dim\">Next: nothing fires</p>")
  }

  @Test func tenthsOfAPixel() {
    #expect([0, 1.04, 1.05, -0.26, 12.999].map(Plot.text) == ["0", "1", "1.1", "-0.3", "13"])
  }

  @Test func aTimeBearsItsZone() throws {
    let paris = PageClock(zone: try ZoneDatabase.zone("Europe/Paris"))
    #expect(paris.text(Self.start) == "2025-11-24 17:00:00 CET")
    #expect(Self.clock.text(Self.start) == "2025-11-24 16:00:00Z")
  }
}

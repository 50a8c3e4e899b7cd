import Domain
import Testing

@Suite struct TimeTests {
  @Test(arguments: [
    // Seconds from `date -u -d TEXT +%s`.
    ("1970-01-01T00:00:00Z", 0), ("2026-03-08T07:00:00Z", 1_772_953_200_000),
    ("2026-03-08T02:00:00-05:00", 1_772_953_200_000), ("2000-02-29", 951_782_400_000),
    ("1969-12-31T23:59:59.999Z", -1), ("2026-11-20 14:07:31.25Z", 1_795_183_651_250),
    ("2026-11-20T14:07Z", 1_795_183_620_000), ("1900-03-01T00:00:00Z", -2_203_891_200_000),
  ])
  func readsRFC3339(_ text: String, _ milliseconds: Int64) {
    #expect(Instant(rfc3339: text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "2026-03-08T07:00:00", "2026-02-29", "2026-13-01", "2026-1-1", "2026-03-08T24:00:00Z",
    "2026-03-08T07:00:60Z", "2026-03-08T07:00:00.Z", "2026-03-08T07:00:00Zx", "", "now",
  ])
  func refusesOtherText(_ text: String) {
    #expect(Instant(rfc3339: text) == nil)
  }

  @Test func printsWhatItReads() throws {
    for milliseconds in stride(
      from: Int64(-3_000_000_000_000), through: 4_000_000_000_000, by: 7_919_000_777)
    {
      let instant = Instant(milliseconds: milliseconds)
      #expect(Instant(rfc3339: instant.description) == instant)
    }
    #expect(Instant(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
  }

  @Test(arguments: [
    ("90s", 90_000, "1m30s"), ("1h30m", 5_400_000, "1h30m"), ("250ms", 250, "250ms"),
    ("1w", 604_800_000, "7d"), ("0s", 0, "0s"), ("2d", 172_800_000, "2d"),
  ])
  func readsSpans(_ text: String, _ milliseconds: Int64, _ printed: String) {
    #expect(TimeSpan(text)?.milliseconds == milliseconds)
    #expect(TimeSpan(text)?.description == printed)
  }

  @Test(arguments: ["", "5", "m", "5x", "30m1h", "1h1h", "-5m", "1.5h", "999999999w", "5 m"])
  func refusesOtherSpans(_ text: String) {
    #expect(TimeSpan(text) == nil)
  }

  @Test(arguments: [
    ("1h", "2026-11-20T14:07:31Z", "2026-11-20T14:00:00Z"),
    ("5m", "2018-01-10T04:57:00Z", "2018-01-10T04:55:00Z"),
    ("1d", "1969-12-31T12:00:00Z", "1969-12-31T00:00:00Z"),
    ("1w", "2026-11-20T14:07:31Z", "2026-11-16T00:00:00Z"),  // a Friday, back to Monday
  ])
  func alignsCandles(_ timeframe: String, _ time: String, _ open: String) throws {
    let timeframe = try #require(Timeframe(timeframe))
    let time = try #require(Instant(rfc3339: time))
    #expect(timeframe.open(at: time).description == open)
    #expect(timeframe.description == "\(timeframe)")
  }

  @Test(arguments: ["0m", "7m", "2w", "1s", "5", "m", "1M", "25h", "1h30m"])
  func refusesOtherTimeframes(_ text: String) {
    #expect(Timeframe(text) == nil)
  }

  @Test func calendarAgreesWithKnownDays() {
    // 2026-11-20 is a Friday; 2000-01-01 was a Saturday (day 10957).
    #expect(CivilDate(year: 2026, month: 11, day: 20).weekday == 5)
    #expect(CivilDate(year: 2000, month: 1, day: 1).daysSinceEpoch == 10957)
    #expect(CivilDate(year: 2000, month: 1, day: 1).weekday == 6)
    #expect(CivilDate(year: 1969, month: 12, day: 28).weekday == 0)
    for day in stride(from: -800_000, through: 800_000, by: 13) {
      #expect(CivilDate(daysSinceEpoch: day).daysSinceEpoch == day)
    }
  }
}

/// A hundred years of 365.25 days are 36525 days.
@Suite struct LongestSpanTests {
  @Test(arguments: [
    ("36525d", false), ("36525d1ms", true), ("999999d", true), ("99999999999999999999ms", true),
    ("9223372036854775807d", true), ("100000000000000w1d", true), ("1d2d", false), ("2x", false),
    ("", false), ("99999999999999999999", false),
  ])
  func whatIsTooLongIsTold(_ text: String, _ isTooLong: Bool) {
    #expect(TimeSpan.isTooLong(text) == isTooLong)
    #expect((TimeSpan(text) != nil) == (text == "36525d"))
    #expect(TimeSpan.longest == .days(36525) && "\(TimeSpan.longest)" == "36525d")
  }
}

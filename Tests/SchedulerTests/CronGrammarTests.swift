import Domain
import Scheduler
import Testing

@Suite struct CronGrammarTests {
  /// The fires in UTC after 2026-01-01T00:00Z, a Thursday.
  @Test(arguments: [
    // Single values, lists, ranges, steps.
    ("5 4 * * *", ["2026-01-01T04:05Z", "2026-01-02T04:05Z"]),
    ("0,30 9-10 * * *", ["2026-01-01T09:00Z", "2026-01-01T09:30Z", "2026-01-01T10:00Z"]),
    ("10-20/5 0 * * *", ["2026-01-01T00:10Z", "2026-01-01T00:15Z", "2026-01-01T00:20Z"]),
    ("50/4 0 * * *", ["2026-01-01T00:50Z", "2026-01-01T00:54Z", "2026-01-01T00:58Z"]),
    ("0 9-17/4 * * *", ["2026-01-01T09:00Z", "2026-01-01T13:00Z", "2026-01-01T17:00Z"]),
    ("*,5 0 1 1 *", ["2026-01-01T00:01Z", "2026-01-01T00:02Z"]),
    ("\t 5  4 *\t* * ", ["2026-01-01T04:05Z"]),
    ("05 004 * * *", ["2026-01-01T04:05Z"]),
    // Names in any case.
    ("0 0 1 FEB,apr *", ["2026-02-01T00:00Z", "2026-04-01T00:00Z"]),
    ("0 0 1 jan-dec/6 *", ["2026-07-01T00:00Z", "2027-01-01T00:00Z"]),
    ("0 0 * * Mon-fri", ["2026-01-02T00:00Z", "2026-01-05T00:00Z"]),
    // Sunday is 0 and 7, alone and at either end of a range.
    ("0 0 * * 0", ["2026-01-04T00:00Z", "2026-01-11T00:00Z"]),
    ("0 0 * * 7", ["2026-01-04T00:00Z", "2026-01-11T00:00Z"]),
    (
      "0 0 * * 5-7",
      ["2026-01-02T00:00Z", "2026-01-03T00:00Z", "2026-01-04T00:00Z", "2026-01-09T00:00Z"]
    ),
    ("0 0 * * sat-sun", ["2026-01-03T00:00Z", "2026-01-04T00:00Z", "2026-01-10T00:00Z"]),
    ("0 0 * * sun-mon", ["2026-01-04T00:00Z", "2026-01-05T00:00Z", "2026-01-11T00:00Z"]),
    ("0 0 * * sun-sun", ["2026-01-04T00:00Z", "2026-01-11T00:00Z"]),
    ("0 0 * * fri-fri", ["2026-01-02T00:00Z", "2026-01-09T00:00Z"]),
    ("0 0 * * 7-7", ["2026-01-04T00:00Z", "2026-01-11T00:00Z"]),
    (
      "0 0 * * 5/1",
      ["2026-01-02T00:00Z", "2026-01-03T00:00Z", "2026-01-04T00:00Z", "2026-01-09T00:00Z"]
    ),
    ("0 0 * * 1-sun/3", ["2026-01-04T00:00Z", "2026-01-05T00:00Z", "2026-01-08T00:00Z"]),
    // The n-th weekday and the last.
    ("0 0 * * 5#2", ["2026-01-09T00:00Z", "2026-02-13T00:00Z"]),
    ("0 0 * * mon#5", ["2026-03-30T00:00Z", "2026-06-29T00:00Z"]),
    ("0 0 * * 7#1,thu#1", ["2026-01-04T00:00Z", "2026-02-01T00:00Z", "2026-02-05T00:00Z"]),
    ("0 0 * * friL", ["2026-01-30T00:00Z", "2026-02-27T00:00Z", "2026-03-27T00:00Z"]),
    ("0 0 * * 0l", ["2026-01-25T00:00Z", "2026-02-22T00:00Z"]),
    (
      "0 0 * * 5L,1",
      [
        "2026-01-05T00:00Z", "2026-01-12T00:00Z", "2026-01-19T00:00Z", "2026-01-26T00:00Z",
        "2026-01-30T00:00Z",
      ]
    ),
    // The last day of the month.
    ("0 0 L * *", ["2026-01-31T00:00Z", "2026-02-28T00:00Z", "2026-03-31T00:00Z"]),
    ("0 0 l feb *", ["2026-02-28T00:00Z", "2027-02-28T00:00Z", "2028-02-29T00:00Z"]),
    ("0 0 15,L 2 *", ["2026-02-15T00:00Z", "2026-02-28T00:00Z"]),
    // Either field of days is enough, unless one begins with a star: then both must match.
    ("0 0 13 * 5", ["2026-01-02T00:00Z", "2026-01-09T00:00Z", "2026-01-13T00:00Z"]),
    ("0 0 */10 * 5", ["2026-05-01T00:00Z", "2026-07-31T00:00Z", "2026-08-21T00:00Z"]),
    ("0 0 1 * */2", ["2026-02-01T00:00Z", "2026-03-01T00:00Z", "2026-08-01T00:00Z"]),
    ("0 0 1-31 * 5", ["2026-01-02T00:00Z", "2026-01-03T00:00Z"]),
    ("0 0 L * 5", ["2026-01-02T00:00Z", "2026-01-09T00:00Z"]),
    // 30 February in a list with a weekday: the weekday comes.
    ("0 0 30 2 1", ["2026-02-02T00:00Z", "2026-02-09T00:00Z"]),
    // Leap days, and the eight years around 2100 are found too (see the next test).
    ("0 0 29 2 *", ["2028-02-29T00:00Z", "2032-02-29T00:00Z", "2036-02-29T00:00Z"]),
    // 29 February is a fifth Friday in 2036 + 28 = 2064 (2036-02-29 is a Friday).
    ("0 0 * 2 fri#5", ["2036-02-29T00:00Z", "2064-02-29T00:00Z"]),
    // Whole expressions.
    ("@hourly", ["2026-01-01T01:00Z", "2026-01-01T02:00Z"]),
    ("@daily", ["2026-01-02T00:00Z"]), ("@midnight", ["2026-01-02T00:00Z"]),
    ("@weekly", ["2026-01-04T00:00Z", "2026-01-11T00:00Z"]),
    ("@Monthly", ["2026-02-01T00:00Z"]),
    ("@yearly", ["2027-01-01T00:00Z"]), ("@annually", ["2027-01-01T00:00Z"]),
    ("@every 6h", ["2026-01-01T06:00Z", "2026-01-01T12:00Z"]),
    ("@every 6h/1m", ["2026-01-01T00:01Z", "2026-01-01T06:01Z"]),
    // 1970-01-01 was a Thursday, as 2026-01-01 is.
    ("@every 1w", ["2026-01-08T00:00Z", "2026-01-15T00:00Z"]),
    ("@every 1h30m/10m", ["2026-01-01T00:10Z", "2026-01-01T01:40Z"]),
  ])
  func fires(_ text: String, _ expected: [String]) throws {
    let expression = try CronExpression(text)
    #expect(expression.text == text)
    var time = try #require(Instant(rfc3339: "2026-01-01"))
    for fire in expected {
      time = try #require(expression.next(after: time, in: .utc))
      #expect(time == Instant(rfc3339: fire))
    }
  }

  @Test func passesOverTheYearsWithoutLeapDay() throws {
    let expression = try CronExpression("0 0 29 2 *")
    let before = try #require(Instant(rfc3339: "2096-02-29"))
    let after = try #require(Instant(rfc3339: "2104-02-29"))
    #expect(expression.next(after: before, in: .utc) == after)
    #expect(expression.previous(before: after, in: .utc) == before)
    // 2096-02-29 is a Wednesday, so no Friday until 2104-02-29 (a Friday).
    let fridays = try CronExpression("0 0 29 2 */5")
    #expect(
      fridays.next(after: Instant(rfc3339: "2092-03-01")!, in: .utc)
        == Instant(rfc3339: "2104-02-29"))
  }

  @Test(arguments: [
    "* * * * *", "*/5 * * * *", "0 0 * * 5#3", "@every 7m/3s", "0 0 29 2 *", "30 2 * * *",
  ])
  func survivesTheEndsOfTime(_ text: String) throws {
    let expression = try CronExpression(text)
    let zone = try ZoneDatabase.zone("America/New_York")
    let ends = [Int64.min, Int64.min + 1, -62_135_596_800_000, 253_402_300_799_000, Int64.max]
    for milliseconds in ends.flatMap({ [$0, $0 == .max ? $0 : $0 + 1] }) {
      let time = Instant(milliseconds: milliseconds)
      if let next = expression.next(after: time, in: zone) { #expect(next > time) }
      if let previous = expression.previous(before: time, in: zone) { #expect(previous < time) }
    }
    #expect(expression.next(after: .distantFuture, in: zone) == nil)
    #expect(expression.previous(before: Instant(milliseconds: .min), in: zone) == nil)
    #expect(expression.next(after: Instant(milliseconds: .min), in: zone) != nil)
    #expect(expression.previous(before: Instant(milliseconds: .max), in: zone) != nil)
  }

  @Test func readsMillisecondsStrictly() throws {
    let expression = try CronExpression("0 9 * * *")
    let nine = try #require(Instant(rfc3339: "2026-01-01T09:00Z"))
    let tomorrow = nine + .days(1)
    #expect(expression.next(after: nine - .milliseconds(1), in: .utc) == nine)
    #expect(expression.next(after: nine, in: .utc) == tomorrow)
    #expect(expression.next(after: nine + .milliseconds(1), in: .utc) == tomorrow)
    #expect(expression.previous(before: nine + .milliseconds(1), in: .utc) == nine)
    #expect(expression.previous(before: nine, in: .utc) == nine - .days(1))
  }
}

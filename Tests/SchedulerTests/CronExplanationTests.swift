import Domain
import Scheduler
import Testing

@Suite struct CronExplanationTests {
  @Test(arguments: [
    ("* * * * *", "every minute"),
    ("*/5 * * * *", "every 5 minutes"),
    ("0,30 * * * *", "every 30 minutes"),
    ("0 * * * *", "every hour"),
    ("1 * * * *", "at minute 1 of every hour"),
    ("5/15 * * * *", "at minutes 5, 20, 35 and 50 of every hour"),
    ("35-39 9-16 * * *", "at minutes 35-39 of hours 9-16, every day"),
    ("30 9 * * 1-5", "at 09:30, on Mondays to Fridays"),
    ("30 9,17 * * mon,thu", "at 09:30 and 17:30, on Mondays and Thursdays"),
    ("0 0 * * *", "at 00:00, every day"),
    ("*/15 9-17 * * mon-fri", "every 15 minutes of hours 9-17, on Mondays to Fridays"),
    ("* 5 * * *", "every minute of hour 5"),
    ("0 9-17/2 * * 1-5", "at 09:00, 11:00, 13:00, 15:00 and 17:00, on Mondays to Fridays"),
    ("0 */2 * * *", "at minute 0 of hours 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20 and 22, every day"),
    ("15 14 1 * *", "at 14:15, on day 1 of the month"),
    ("0 0 1,15 * *", "at 00:00, on days 1 and 15 of the month"),
    ("0 0 L * *", "at 00:00, on the last day of the month"),
    ("0 0 1,L 2 *", "at 00:00, on day 1 and the last day of the month, in February"),
    ("0 0 29 2 *", "at 00:00, on day 29 of the month, in February"),
    ("5 4 13 * 5", "at 04:05, on day 13 of the month, and also on Fridays"),
    (
      "5 4 */2 * 5",
      "at 04:05, on days 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29 and 31 of the month if that is also on Fridays"
    ),
    (
      "0 0 * * fri#2,friL",
      "at 00:00, on the second Friday of the month and the last Friday of the month"
    ),
    ("0 0 * 1,3 sat-sun", "at 00:00, on Saturdays and Sundays, in January and March"),
    ("0 0 * * 5-7", "at 00:00, on Fridays to Sundays"),
    ("@weekly", "at 00:00, on Sundays"),
    // Either field of days is enough, and one names them all. Source: Debian's cron 3.0pl1-162, run.
    ("0 0 1-31 * 4", "at 00:00, every day"),
    ("0 0 1 * 0-6", "at 00:00, every day"),
    ("0 0 1 * mon-sun", "at 00:00, every day"),
    ("0 0 1-15,16-31 * mon", "at 00:00, every day"),
    ("0 0 1-31 1-12 mon-fri", "at 00:00, every day"),
    // Beside a star both must match, and a full one asks nothing.
    ("0 0 */1 * 4", "at 00:00, on Thursdays"),
    // A step as wide as its field is the field's first value.
    ("0 0 * * */7", "at 00:00, on Sundays"),
    ("0 */24 * * *", "at 00:00, every day"),
    ("*/60 * * * *", "every hour"),
    ("0 0 * */12 *", "at 00:00, every day, in January"),
    ("@every 6h/1m", "every 6h, 1m past, counted from 1970-01-01 00:00 UTC"),
  ])
  func saysInWords(_ text: String, _ words: String) throws {
    #expect(try CronExpression(text).words == words)
  }

  private static func explanation(_ text: String, _ zone: String, at time: String) throws
    -> CronExplanation
  {
    let cadence = Cadence.cron(try CronExpression(text), zone: try ZoneDatabase.zone(zone))
    return CronExplanation(of: cadence, at: try #require(Instant(rfc3339: time)))
  }

  @Test func listsFiresBothWays() throws {
    let explanation = try Self.explanation(
      "30 9 * * 1-5", "America/New_York", at: "2026-11-20T14:30Z")
    #expect(
      explanation.words == "at 09:30, on Mondays to Fridays, on the clocks of America/New_York")
    // 2026-11-20 is a Friday, and 14:30Z is 09:30 EST: neither next nor previous.
    #expect(
      explanation.next.map(\.description) == [
        "2026-11-23T14:30:00Z", "2026-11-24T14:30:00Z", "2026-11-25T14:30:00Z",
        "2026-11-26T14:30:00Z", "2026-11-27T14:30:00Z",
      ])
    #expect(
      explanation.previous.map(\.description) == [
        "2026-11-19T14:30:00Z", "2026-11-18T14:30:00Z", "2026-11-17T14:30:00Z",
      ])
    #expect(explanation.clockEffects.isEmpty)
  }

  // The United States change their clocks on 2027-03-14 and 2027-11-07; 400 days from 2026-11-20
  // end on 2027-12-25.
  @Test(arguments: [
    (
      "30 2 * * *", "America/New_York",
      ["2027-03-14 02:30 does not exist in America/New_York: fires at 03:00 EDT"]
    ),
    (
      "0,30 2 * * *", "America/New_York",
      [
        "2027-03-14 02:00 does not exist in America/New_York: fires at 03:00 EDT",
        "2027-03-14 02:30 does not exist in America/New_York: fires at 03:00 EDT",
      ]
    ),
    (
      "*/30 1,2 * * *", "America/New_York",
      [
        "2027-03-14 02:00 does not exist in America/New_York: does not fire",
        "2027-03-14 02:30 does not exist in America/New_York: does not fire",
        "2027-11-07 01:00 comes twice in America/New_York: fires at 01:00 EDT and at 01:00 EST",
        "2027-11-07 01:30 comes twice in America/New_York: fires at 01:30 EDT and at 01:30 EST",
      ]
    ),
    // The first pass only: nothing to tell.
    ("30 1 * * *", "America/New_York", []), ("30 2 * * mon", "America/New_York", []),
    ("30 2 * * *", "UTC", []), ("30 2 * * *", "Asia/Tokyo", []),
    (
      "15 2 * * *", "Australia/Lord_Howe",
      ["2027-10-03 02:15 does not exist in Australia/Lord_Howe: fires at 02:30 +11"]
    ),
  ])
  func tellsWhatDaylightSavingDoes(_ text: String, _ zone: String, _ effects: [String]) throws {
    let explanation = try Self.explanation(text, zone, at: "2026-11-20T12:00Z")
    #expect(explanation.clockEffects.map(\.description) == effects)
  }

  @Test func tellsOfCorrections() throws {
    // Samoa left out 2011-12-30.
    let explanation = try Self.explanation("0 12 * * *", "Pacific/Apia", at: "2011-12-01T00:00Z")
    #expect(
      explanation.clockEffects.first?.description
        == "2011-12-30 12:00 does not exist in Pacific/Apia: does not fire")
  }

  /// What the list says is what fires.
  @Test(arguments: ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Cairo"])
  func effectsAgreeWithFires(_ name: String) throws {
    let zone = try ZoneDatabase.zone(name)
    let range =
      try #require(Instant(rfc3339: "2025-01-01"))..<#require(Instant(rfc3339: "2028-01-01"))
    for text in ["*/7 0-3 * * *", "11,47 0-3 * * *", "0 */1 * * *", "5 2 * * 0"] {
      let expression = try CronExpression(text)
      for effect in expression.clockEffects(in: zone, over: range) {
        func fires(at time: Instant) -> Bool {
          expression.next(after: time - .milliseconds(1), in: zone) == time
        }
        switch effect.outcome {
        case .moved(let time):
          #expect(fires(at: time) && time == effect.change)
        case .dropped:
          #expect(zone.civil(at: zone.firstInstant(of: effect.nominal)) != effect.nominal)
        case .doubled(let first, let second):
          #expect(fires(at: first) && fires(at: second) && first < second)
          #expect(zone.civil(at: first) == effect.nominal)
          #expect(zone.civil(at: second) == effect.nominal)
        }
      }
    }
  }
}

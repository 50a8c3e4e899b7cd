import Calendars
import Domain
import Scheduler
import Testing

@Suite struct CadenceTests {
  @Test func isDescribedAsWritten() throws {
    let newYork = try ZoneDatabase.zone("America/New_York")
    let calendar = try TradingCalendar.named("XNYS", zones: ZoneDatabase.zone)
    let hourly = Cadence.cron(try CronExpression("1 * * * *"), zone: .utc)
    #expect(hourly.description == "cron \"1 * * * *\" UTC")
    #expect(hourly.words == "at minute 1 of every hour, on the clocks of UTC")
    let gated = Cadence.cron(
      try CronExpression("30  9 * * MON-FRI"), zone: newYork, calendar: calendar)
    #expect(gated.description == "cron \"30  9 * * MON-FRI\" America/New_York XNYS")
    #expect(gated.timing == "cron 30 9 * * mon-fri in America/New_York on XNYS")
    #expect(
      gated.words
        == "at 09:30, on Mondays to Fridays, on the clocks of America/New_York, on days of trading at XNYS, up to the close where it is early"
    )
    let every = Cadence.every(try Every("6h/1m"))
    #expect(every.description == "every 6h/1m" && every.zone == .utc && every.end == nil)
    let session = Cadence.session(try SessionTrigger("close-10m"), calendar: calendar)
    #expect(session.words == "10m before the close of each session of XNYS")
    #expect(session.timing == "session close-10m on XNYS")
    #expect(session.zone == newYork && session.calendar == calendar)
  }

  @Test func timingIgnoresWhatDecidesNothing() throws {
    func timing(_ text: String) throws -> String {
      Cadence.cron(try CronExpression(text), zone: .utc).timing
    }
    #expect(try timing(" 0 9 * * MON ") == timing("0\t9 * * mon"))
    #expect(try timing("0 9 * * mon") != timing("0 9 * * tue"))
    // `every:` and `@every` are the same thing.
    #expect(try timing("@every 60m") == Cadence.every(try Every("1h")).timing)
  }

  @Test func everyIsAlignedToTheEpoch() throws {
    let every = try #require(Every(.hours(6), phase: .minutes(1)))
    let time = try #require(Instant(rfc3339: "2026-01-01T06:01Z"))
    #expect(every.next(after: time)?.description == "2026-01-01T12:01:00Z")
    #expect(every.previous(before: time)?.description == "2026-01-01T00:01:00Z")
    #expect(every.previous(before: time + .milliseconds(1)) == time)
    #expect(Every(.hours(1), phase: .hours(1)) == nil && Every(.milliseconds(999)) == nil)
    #expect(Every(.hours(1), phase: .minutes(-1)) == nil)
    // Before the epoch too.
    #expect(every.next(after: Instant(milliseconds: -1))?.milliseconds == 60_000)
    #expect(every.previous(before: .epoch)?.description == "1969-12-31T18:01:00Z")
  }
}

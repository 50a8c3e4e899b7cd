import Domain
import Scheduler
import Testing

/// The daylight-saving rules of Debian's cron, row by row.
@Suite struct CronDaylightSavingTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var zone: String
    var expression: String
    var from: String
    var fires: [String]
    var testDescription: String { "\(expression) \(zone) from \(from)" }

    init(_ zone: String, _ expression: String, from: String, _ fires: String...) {
      (self.zone, self.expression, self.from, self.fires) = (zone, expression, from, fires)
    }
  }

  static let rows = [
    // New York, gap 2026-03-08 02:00 -> 03:00.
    Row(
      "America/New_York", "30 2 * * *", from: "2026-03-07T17:00Z",
      "2026-03-08T07:00Z", "2026-03-09T06:30Z", "2026-03-10T06:30Z"),
    Row(
      "America/New_York", "0 2,3 * * *", from: "2026-03-07T17:00Z",
      "2026-03-08T07:00Z", "2026-03-09T06:00Z", "2026-03-09T07:00Z"),
    Row(
      "America/New_York", "*/15 2 * * *", from: "2026-03-07T17:00Z",
      "2026-03-09T06:00Z", "2026-03-09T06:15Z", "2026-03-09T06:30Z", "2026-03-09T06:45Z"),
    // Overlap 2026-11-01 02:00 -> 01:00.
    Row(
      "America/New_York", "30 1 * * *", from: "2026-10-31T17:00Z",
      "2026-11-01T05:30Z", "2026-11-02T06:30Z"),
    Row(
      "America/New_York", "*/15 1 * * *", from: "2026-10-31T17:00Z",
      "2026-11-01T05:00Z", "2026-11-01T05:15Z", "2026-11-01T05:30Z", "2026-11-01T05:45Z",
      "2026-11-01T06:00Z", "2026-11-01T06:15Z", "2026-11-01T06:30Z", "2026-11-01T06:45Z",
      "2026-11-02T06:00Z"),
    // London, gap 2026-03-29 01:00 -> 02:00, overlap 2026-10-25 02:00 -> 01:00.
    Row(
      "Europe/London", "30 1 * * *", from: "2026-03-28T12:00Z",
      "2026-03-29T01:00Z", "2026-03-30T00:30Z"),
    Row(
      "Europe/London", "0 */4 * * *", from: "2026-10-24T12:00Z",
      "2026-10-24T15:00Z", "2026-10-24T19:00Z", "2026-10-24T23:00Z", "2026-10-25T04:00Z",
      "2026-10-25T08:00Z", "2026-10-25T12:00Z"),
    // Lord Howe shifts by half an hour: gap 2026-10-04 02:00 -> 02:30.
    Row(
      "Australia/Lord_Howe", "15 2 * * *", from: "2026-10-03T06:00Z",
      "2026-10-03T15:30Z", "2026-10-04T15:15Z"),
    Row(
      "Australia/Lord_Howe", "0 */4 * * *", from: "2026-10-03T12:00Z",
      "2026-10-03T13:30Z", "2026-10-03T17:00Z", "2026-10-03T21:00Z"),
    // Overlap 2026-04-05 02:00 -> 01:30.
    Row(
      "Australia/Lord_Howe", "*/15 1 * * *", from: "2026-04-04T13:00Z",
      "2026-04-04T14:00Z", "2026-04-04T14:15Z", "2026-04-04T14:30Z", "2026-04-04T14:45Z",
      "2026-04-04T15:00Z", "2026-04-04T15:15Z", "2026-04-05T14:30Z"),
    Row(
      "Australia/Lord_Howe", "0 * * * *", from: "2026-04-04T12:30Z",
      "2026-04-04T13:00Z", "2026-04-04T14:00Z", "2026-04-04T15:30Z"),
    // Sao Paulo, gap at midnight 2018-11-04, overlap 2019-02-16 24:00 -> 23:00.
    Row(
      "America/Sao_Paulo", "0 0 * * *", from: "2018-11-03T12:00Z",
      "2018-11-04T03:00Z", "2018-11-05T02:00Z"),
    Row(
      "America/Sao_Paulo", "30 23 * * *", from: "2019-02-16T12:00Z",
      "2019-02-17T01:30Z", "2019-02-18T02:30Z"),
    // Kathmandu, +05:45.
    Row(
      "Asia/Kathmandu", "0 * * * *", from: "2026-01-01T00:00Z",
      "2026-01-01T00:15Z", "2026-01-01T01:15Z", "2026-01-01T02:15Z"),
    // Apia left out 2011-12-30: a correction of 24 hours, not daylight saving.
    Row(
      "Pacific/Apia", "0 12 * * *", from: "2011-12-29T00:00Z",
      "2011-12-29T22:00Z", "2011-12-30T22:00Z"),
    Row(
      "Pacific/Apia", "0 12 30 12 *", from: "2011-01-01T00:00Z", "2012-12-29T22:00Z"),
    // Casey moved by three hours at a time, which still counts as daylight saving:
    // 2009-10-18 02:00 -> 05:00 (2009-10-17T18:00Z), 2010-03-05 02:00 -> 23:00 (2010-03-04T15:00Z).
    Row(
      "Antarctica/Casey", "30 3 * * *", from: "2009-10-17T00:00Z",
      "2009-10-17T18:00Z", "2009-10-18T16:30Z"),
    Row(
      "Antarctica/Casey", "30 0 * * *", from: "2010-03-03T20:00Z",
      "2010-03-04T13:30Z", "2010-03-05T16:30Z"),
  ]

  @Test(arguments: rows)
  func firesAsDebiansCron(_ row: Row) throws {
    let zone = try ZoneDatabase.zone(row.zone)
    let expression = try CronExpression(row.expression)
    var time = try #require(Instant(rfc3339: row.from))
    var fires: [Instant] = []
    for _ in row.fires {
      time = try #require(expression.next(after: time, in: zone))
      fires.append(time)
    }
    let expected = try row.fires.map { try #require(Instant(rfc3339: $0)) }
    #expect(fires == expected)

    // The same way back.
    time = time + .milliseconds(1)
    for fire in expected.reversed() {
      time = try #require(expression.previous(before: time, in: zone))
      #expect(time == fire)
    }
  }
}

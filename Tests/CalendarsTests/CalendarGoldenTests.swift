import Calendars
import Domain
import Glibc
import Testing

/// Every day of every built-in calendar against the package exchange-calendars:
/// Tests/Goldens/calendars.tsv, written by scripts/generate_calendars.py.
@Suite struct CalendarGoldenTests {
  @Test func equalsExchangeCalendars() throws {
    var calendars: [String: TradingCalendar] = [:]
    for name in TradingCalendar.builtInNames {
      calendars[name] = try TradingCalendar.named(name, zones: ZoneDatabase.zone)
    }
    let rows = try Self.rows()
    var sessions: [String: Int] = [:]
    for row in rows {
      let calendar = try #require(calendars[row[0]])
      let month = try #require(Instant(rfc3339: "\(row[1])-01"))
      let expected = try Self.sessions(row[2], month: row[1])
      var found: [TradingSession] = []
      for offset in 0..<31 {
        let date = Zone.utc.civil(at: month + .days(Int64(offset))).date
        if date.description.hasPrefix(row[1]), let session = calendar.session(on: date) {
          found.append(session)
        }
      }
      #expect(found == expected.sorted { $0.date < $1.date }, "\(row[0]) \(row[1])")
      sessions[row[0], default: 0] += found.count
    }
    // As many as the package counts from 1990 to 2030.
    #expect(sessions == ["XNYS": 10_322, "XNAS": 10_322, "XLON": 10_362, "24/7": 14_975])
  }

  /// `1-2,5@14:30-21:00 27@14:30-18:00!`
  private static func sessions(_ text: String, month: String) throws -> [TradingSession] {
    try text.split(separator: " ").flatMap { group in
      let parts = group.split(separator: "@")
      let isEarly = parts[1].hasSuffix("!")
      let isNextDay = parts[1].contains("+")
      let hours = parts[1].filter { !"!+".contains($0) }.split(separator: "-")
      return try parts[0].split(separator: ",").flatMap { run -> [TradingSession] in
        let ends = try run.split(separator: "-").map { try #require(Int($0)) }
        return try (ends[0]...ends[ends.count - 1]).map { day in
          let date = "\(month)-\(day < 10 ? "0" : "")\(day)"
          let open = try #require(Instant(rfc3339: "\(date)T\(hours[0])Z"))
          let close = try #require(Instant(rfc3339: "\(date)T\(hours[1])Z"))
          return TradingSession(
            date: Zone.utc.civil(at: open).date, open: open,
            close: isNextDay ? close + .days(1) : close, isEarlyClose: isEarly)
        }
      }
    }
  }

  private static func rows() throws -> [[String]] {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let file = try #require(fopen("/\(folder)/Goldens/calendars.tsv", "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
      bytes += buffer.prefix(count)
    }
    return bytes.split(separator: 10).filter { $0.first != UInt8(ascii: "#") }.map { line in
      line.split(separator: 9).map { String(decoding: $0, as: UTF8.self) }
    }
  }
}

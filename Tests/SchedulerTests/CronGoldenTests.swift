import Domain
import Glibc
import Scheduler
import Testing

/// Against cronsim and croniter where they follow Debian's cron: Tests/Goldens/cron.tsv, written by
/// the script beside it, which also says where they differ.
@Suite struct CronGoldenTests {
  @Test func agreesWithOtherImplementations() throws {
    let rows = try Self.rows()
    #expect(rows.count >= 400)
    for row in rows {
      let zone = try ZoneDatabase.zone(row[0])
      let expression = try CronExpression(row[1])
      let start = try #require(Instant(rfc3339: row[2]))
      let expected = try row[3].split(separator: " ").map { try #require(Instant(rfc3339: $0)) }
      var time = start
      for fire in expected {
        let next = expression.next(after: time, in: zone)
        #expect(next == fire, "\(row[1]) \(row[0]) after \(time)")
        guard let next else { break }
        time = next
      }
      for fire in expected.dropLast().reversed() {
        let previous = expression.previous(before: time, in: zone)
        #expect(previous == fire, "\(row[1]) \(row[0]) before \(time)")
        guard let previous else { break }
        time = previous
      }
      #expect(try #require(expression.previous(before: time, in: zone)) <= start)
    }
  }

  static func rows() throws -> [[String]] {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let file = try #require(fopen("/\(folder)/Goldens/cron.tsv", "r"))
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

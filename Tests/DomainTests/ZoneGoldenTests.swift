import Domain
import Glibc
import Testing

/// Against Python's zoneinfo: Tests/Goldens/zones.tsv, written by the script beside it.
@Suite struct ZoneGoldenTests {
  private static let rows = readRows()

  @Test func agreesWithZoneinfoInSamples() throws {
    var count = 0
    for row in Self.rows where row[0] == "samples" && row.count == 3 {
      let zone = try ZoneDatabase.zone(row[1])
      for sample in row[2].split(separator: ";") {
        let parts = sample.split(separator: " ")
        let second = try #require(Int64(parts[0]))
        let time = Instant(seconds: second)
        let here = "\(zone.offsetSeconds(at: time)) \(zone.abbreviation(at: time))"
        #expect(here == "\(parts[1]) \(parts[2])", "\(zone) at \(second)")
        count += 1
      }
    }
    #expect(count > 3500)
  }

  private static let release = rows.first { $0[0] == "version" } ?? []

  @Test(.enabled(if: ZoneDatabase.version == release[1], "written for another tzdata release"))
  func agreesWithZoneinfoThroughout() throws {
    let bounds = try Self.release[2...].map { try #require(Int64($0)) }
    var count = 0
    for row in Self.rows where row[0] == "digest" {
      let zone = try ZoneDatabase.zone(row[1])
      var digest: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a
      for second in stride(from: bounds[0], to: bounds[1], by: Int(bounds[2])) {
        let time = Instant(seconds: second)
        for byte in "\(zone.offsetSeconds(at: time))\(zone.abbreviation(at: time))".utf8 {
          digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3
        }
      }
      let hexadecimal = String(digest, radix: 16)
      let padding = String(repeating: "0", count: 16 - hexadecimal.count)
      #expect(padding + hexadecimal == row[2], "\(zone)")
      count += 1
    }
    #expect(count > 590)
  }

  private static func readRows() -> [[String]] {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    guard let file = fopen("/\(folder)/Goldens/zones.tsv", "r") else { return [] }
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

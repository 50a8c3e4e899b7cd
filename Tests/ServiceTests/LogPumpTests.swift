import Domain
import Glibc
import Testing

@testable import Service

/// A log whose reader stands still.
@Suite struct LogPumpTests {
  /// A pipe with room for one page, as a terminal that was stopped has about.
  private func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    try #require(Glibc.pipe(&ends) == 0)
    _ = fcntl(ends[1], 1031, 4096)  // F_SETPIPE_SZ
    return (ends[0], ends[1])
  }

  private func lines(_ descriptor: Int32, until last: String) -> [String] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer.prefix(count)
      if String(decoding: bytes.suffix(200), as: UTF8.self).contains(last) { break }
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func nobodyWaitsForWhoDoesNotReadAndTheLossIsCounted() throws {
    let ends = try pipe()
    let pump = try LogPump(to: ends.write) { "dropped \($0)" }
    let line = String(repeating: "x", count: 99)
    // 3 MB, of which 1 MiB waits, and what the thread took before it filled.
    let count = 30_000
    for index in 0..<count { pump.add("\(index) \(line)") }
    pump.flush(for: .milliseconds(20))  // gives up
    let found = lines(ends.read, until: "dropped")
    let kept = found.dropLast()
    #expect(kept.enumerated().allSatisfy { $1 == "\($0) \(line)" })
    #expect(kept.count > 10_000 && kept.count < count)
    #expect(found.last == "dropped \(count - kept.count)")
    // From then on all is told again.
    pump.add("more")
    #expect(lines(ends.read, until: "more") == ["more"])
    pump.flush(for: .seconds(5))
    close(ends.read)
  }

  @Test func aReaderThatIsGoneStopsNothing() throws {
    signal(SIGPIPE, SIG_IGN)
    let ends = try pipe()
    close(ends.read)
    let pump = try LogPump(to: ends.write) { "dropped \($0)" }
    for index in 0..<100 { pump.add("\(index)") }
    pump.flush(for: .seconds(5))
  }
}

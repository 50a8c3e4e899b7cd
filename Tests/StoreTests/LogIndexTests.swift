import GRDB
import Testing

@testable import Store

@Suite("The index of the log")
struct LogIndexTests {
  let pages = HeldPagesTests()

  /// The index as SQLite writes it: what it tells is what is in the log, and a bit that is turned in its
  /// headers is seen.
  @Test func tellsWhatIsInTheLog() throws {
    let store = try pages.filled()
    try pages.switchFoldingOff(store)
    try store.foldLog()
    var random = SeededNumbers(seed: 7)
    try pages.write(store, &random)
    let index = try #require(try store.connections.unsafeRead { try LogIndex($0) })
    guard let log = try LogReader(of: pages.database.path) else {
      throw TestFailure("there is no log")
    }
    let end = try log.end(after: log.header.start)
    #expect(index.end == end.position)
    #expect(index.pages == end.pages)
    #expect(index.folded == 0)
    let bytes = contents(pages.database.path + "-shm")
    #expect(LogIndex.parse(bytes) == index)
    for bit in 0..<(96 * 8) {
      var turned = Array(bytes[..<136])
      turned[bit / 8] ^= UInt8(1 << (bit % 8))
      #expect(LogIndex.parse(turned) == nil, "bit \(bit)")
    }
    try store.close()
  }
}

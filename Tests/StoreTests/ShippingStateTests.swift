import Domain
import Glibc
import Testing

@testable import Store

// What is told of the shipping, and what is counted.
extension ShippingTests {
  /// How the shipping stands is told beside the segments, and read back as it was.
  @Test func theStateIsTold() throws {
    #expect(try spool.state() == nil)
    try spool.turn(on: true)
    var state = ShippingState(interval: .seconds(10))
    for change: (inout ShippingState) -> Void in [
      { _ in }, { $0.through = at(7) }, { $0.trouble = .init("no \"room\"", since: at(8)) },
      { ($0.cuts, $0.lastCut, $0.remoteThrough, $0.spoolBytes) = (3, at(9), at(6), 77) },
    ] as [(inout ShippingState) -> Void] {
      change(&state)
      try spool.tell(state)
      #expect(try spool.state() == state)
    }
    // Switched off, nobody ships.
    try spool.turn(on: false)
    #expect(try spool.state() == nil)
  }

  /// A log that cannot be shipped is folded all the same once it is too long; that is counted, and
  /// answered with a new base.
  @Test func aCutIsCounted() throws {
    var limits = LogShipper.Limits()
    limits.maximumLogFrames = 10
    let (store, shipper) = try shipped(limits)
    var random = SeededNumbers(seed: 8)
    _ = try shipper.ship(at: at(1))
    // A file where the segment's draft would be: a disk that refuses.
    let name = LogSpool.Segment(sequence: 1, time: at(2)).name
    mkdir("\(spool.folder(1))/.\(name).raw.tmp", 0o755)
    try write(store, &random)
    #expect(fault { try shipper.ship(at: at(2)) }?.exit == .cannotCreate)
    guard case .began(generation: 2, _) = try shipper.ship(at: at(2)) else {
      throw TestFailure("no new base")
    }
    #expect(shipper.cuts == 1)
    #expect(try spool.generations() == [1, 2])
    let isSame = try restored(at(2)) == folded("oracle.db")
    #expect(isSame)
    try shipper.close()
    try store.close()
  }
}

import Domain
import Service
import Testing

/// What limits of memory leave, and what is said where it is too little.
struct MemoryRoomTests {
  /// Limit, taken and needed in bytes: one byte more or less decides.
  @Test(
    arguments: [
      (200 << 20, 100 << 20, 100 << 20, true), (200 << 20, (100 << 20) + 1, 100 << 20, false),
      (200 << 20, 100 << 20, (100 << 20) + 1, false),
      // Taken before the limit was lowered: nothing is left, and no sum goes below zero.
      (50 << 20, 70 << 20, 1, false), (50 << 20, 70 << 20, 0, true),
    ] as [(UInt64, UInt64, UInt64, Bool)])
  func decides(limit: UInt64, used: UInt64, needed: UInt64, isEnough: Bool) {
    for kind in [MemoryRoom.Kind.addresses, .data] {
      let room = MemoryRoom(kind, limitBytes: limit, usedBytes: used)
      #expect((room.fault(needing: needed) == nil) == isEnough)
    }
  }

  /// 75 MiB and 96 MiB are 171 MiB, which are 175,104 KiB: the unit of `ulimit`. A page beyond counts up.
  @Test(
    arguments: [
      (.addresses, 75 << 20, "addresses", "ulimit -v 175104"),
      (.data, 75 << 20, "data", "ulimit -d 175104"),
      (.data, (75 << 20) + 1, "data", "ulimit -d 175105"),
    ] as [(MemoryRoom.Kind, UInt64, String, String)])
  func saysWhatIsLeftAndWhatToDo(kind: MemoryRoom.Kind, used: UInt64, what: String, command: String)
  {
    let fault = MemoryRoom(kind, limitBytes: 120 << 20, usedBytes: used).fault(needing: 96 << 20)
    let left = used == 75 << 20 ? 45 : 44
    #expect(
      fault?.description == "cannot start carillon: of the 120 MiB of \(what) that are allowed "
        + "\(left) are left, and it needs 96")
    #expect(fault?.remedy == "raise the limit: \(command)")
    #expect(fault?.exit == .unavailable)
  }
}

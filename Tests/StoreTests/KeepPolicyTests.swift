import Domain
import Testing

@testable import Store

@Suite("Which snapshots stay")
struct KeepPolicyTests {
  /// A snapshot that was taken at a time; its id is its place in the list.
  static func snapshots(
    _ times: [String], verified: Set<Int64> = [], parents: [Int64: Int64] = [:]
  ) -> [KeepPolicy.Candidate<SnapshotID>] {
    times.enumerated().map { index, time in
      let number = Int64(index + 1)
      return KeepPolicy.Candidate(
        id: SnapshotID(number: number), taken: Instant(rfc3339: time)!,
        isProven: verified.contains(number),
        parent: parents[number].map { SnapshotID(number: $0) })
    }
  }

  static func keep(
    _ policy: KeepPolicy, _ times: [String], verified: Set<Int64> = [],
    parents: [Int64: Int64] = [:]
  ) -> [String] {
    policy.reasons(snapshots(times, verified: verified, parents: parents)).sorted {
      $0.key < $1.key
    }
    .map { "\($0.key) \($0.value)" }
  }

  @Test func theNewestOfEachDay() {
    #expect(
      Self.keep(
        KeepPolicy(latest: 1, daily: 2, weekly: 0, monthly: 0),
        [
          "2026-11-17T03:30:00Z",  // a third day: dropped
          "2026-11-18T03:30:00Z", "2026-11-18T23:59:59Z",  // the later of the two stays
          "2026-11-20T00:00:00Z", "2026-11-20T03:30:00Z",  // the 19th has none, and does not count
        ]) == ["S0003 daily", "S0005 daily"])
  }

  // 2026-11-15 is a Sunday, 2026-11-16 a Monday: two weeks.
  @Test func weeksBeginOnMonday() {
    #expect(
      Self.keep(
        KeepPolicy(latest: 1, daily: 0, weekly: 2, monthly: 0),
        ["2026-11-14T00:00:00Z", "2026-11-15T23:59:59Z", "2026-11-16T00:00:00Z"])
        == ["S0002 weekly", "S0003 weekly"])
  }

  @Test func monthsAcrossAYear() {
    #expect(
      Self.keep(
        KeepPolicy(latest: 1, daily: 1, weekly: 0, monthly: 3),
        [
          "2025-10-31T00:00:00Z", "2025-11-30T00:00:00Z", "2025-12-01T00:00:00Z",
          "2025-12-31T23:00:00Z", "2026-01-01T00:00:00Z",
        ]) == ["S0002 monthly", "S0004 monthly", "S0005 daily"])
  }

  @Test func theNewestStayInAnyCase() {
    let times = (0..<5).map { "2026-11-20T0\($0):00:00Z" }
    #expect(
      Self.keep(KeepPolicy(latest: 2, daily: 0, weekly: 0, monthly: 0), times)
        == ["S0004 latest", "S0005 latest"])
    #expect(
      Self.keep(KeepPolicy(latest: 0, daily: 0, weekly: 0, monthly: 0), times) == ["S0005 latest"])
    #expect(
      Self.keep(KeepPolicy(latest: 1, daily: 0, weekly: 0, monthly: 0), times, verified: [1, 3])
        == ["S0003 verified", "S0005 latest"])
    #expect(Self.keep(.standard, []).isEmpty)
  }

  @Test func theNewestOfEachHour() {
    #expect(
      Self.keep(
        KeepPolicy(latest: 1, hourly: 2, daily: 0, weekly: 0, monthly: 0),
        [
          "2026-11-20T00:10:00Z", "2026-11-20T02:00:00Z", "2026-11-20T02:59:59Z",
          "2026-11-20T05:00:00Z",
        ]) == ["S0003 hourly", "S0004 hourly"])
  }

  /// 4 is a difference to 3, 3 to 2, 2 is whole; 1 is nobody's parent.
  @Test func noChainIsBroken() {
    #expect(
      Self.keep(
        KeepPolicy(latest: 1, daily: 0, weekly: 0, monthly: 0),
        (1...4).map { "2026-11-20T0\($0):00:00Z" }, parents: [4: 3, 3: 2])
        == ["S0002 chain", "S0003 chain", "S0004 latest"])
    // A parent that is gone already keeps nothing.
    #expect(
      Self.keep(
        KeepPolicy(latest: 1, daily: 0, weekly: 0, monthly: 0),
        (1...2).map { "2026-11-20T0\($0):00:00Z" }, parents: [2: 9]) == ["S0002 latest"])
  }
}

import Testing

@testable import Store

/// Waiting for a lock that another connection has.
@Suite struct LockWaitTests {
  /// 100 + (248 n mod 401) microseconds, while there is time.
  @Test(
    arguments: [
      // The first five: 0, 248, 496 - 401 = 95, 343, 591 - 401 = 190.
      (0, 0, 10_000, 100), (1, 0, 10_000, 348), (2, 0, 10_000, 195), (3, 1, 10_000, 443),
      (4, 1, 10_000, 290),
      // After a whole round, as at first; however often it has asked.
      (401, 130, 10_000, 100),
      (Int(Int32.max), 9999, 10_000, 100 + 2_147_483_647 % 401 * 248 % 401),
      // The time is what ends it, not how often it asked.
      (0, 9999, 10_000, 100), (0, 10_000, 10_000, nil), (90_000, 10_001, 10_000, nil),
      (0, 0, 0, nil),
    ] as [(Int, Int64, Int64, Int64?)])
  func asksAgain(attempt: Int, waited: Int64, limit: Int64, pause: Int64?) {
    #expect(LockWait.pause(before: attempt, waited: waited, limit: limit) == pause)
  }

  @Test func noTwoPausesOfARoundAreTheSame() {
    let pauses = (0..<401).compactMap { LockWait.pause(before: $0, waited: 0, limit: 1) }
    #expect(Set(pauses) == Set(100...500))
  }
}

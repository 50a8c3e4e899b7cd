import Domain
import Store
import Testing

@testable import Service

/// When the loop asks a ledger again that refused.
@Suite struct LedgerRetryTests {
  /// Refusals at uptimes in milliseconds, and when the next attempt is: the half second that the
  /// attempt may have waited, and pauses of 0.1 s that double up to 5 s.
  @Test(
    arguments: [
      ([], nil),
      ([0], 600),
      ([0, 600], 1300),  // + 500 + 200
      ([0, 600, 1300], 2200),  // + 500 + 400
      ([0, 600, 1300, 2200, 3500, 5600, 9300], 14800),  // + 500 + 5000, not 6400
    ] as [([Int64], Int64?)])
  func asksLaterEachTime(_ refusals: [Int64], _ next: Int64?) {
    var retry = LedgerRetry()
    for uptime in refusals {
      #expect(retry.allows(at: .milliseconds(uptime)))
      retry.refused(at: .milliseconds(uptime))
      #expect(!retry.allows(at: .milliseconds(uptime)))
    }
    #expect(retry.next == next.map { .milliseconds($0) })
    if let next {
      #expect(!retry.allows(at: .milliseconds(next - 1)))
      #expect(retry.allows(at: .milliseconds(next)))
    }
  }

  @Test func beginsAnewOnceTheLedgerTookSomething() {
    var retry = LedgerRetry()
    for uptime in [0, 600, 1300] as [Int64] { retry.refused(at: .milliseconds(uptime)) }
    retry.worked()
    #expect(retry.next == nil && retry.allows(at: .zero))
    retry.refused(at: .seconds(10))
    #expect(retry.next == .milliseconds(10_600))
  }
}

import Domain
import Net
import Synchronization
import Testing

@testable import Jobs

/// What a venue allows is on record, for other processes and for the next start.
@Suite struct StoredBudgetTests {
  @Test func aBanOutlivesTheProcess() throws {
    let bench = try Workbench()
    let now = bench.time.now
    let first = StoredBudget(venue: "https://example.test", time: bench.time)
    first.keep(in: bench.store)
    try first.change { $0.ban(until: now + .hours(1), reason: "HTTP 418", at: now) }
    // As after a restart, or in another process.
    let second = StoredBudget(venue: "https://example.test", time: bench.time)
    second.keep(in: bench.store)
    let answer = try second.change { $0.admit(1, .order, at: now) }
    #expect(answer == .banned(until: now + .hours(1), reason: "HTTP 418"))
    #expect(try second.state().bannedUntil == now + .hours(1))
    try first.change { $0.ban(until: now + .hours(2), reason: "HTTP 418", at: now) }
    #expect(try second.state().bannedUntil == now + .hours(2), "what is read is as it stands")
    let other = StoredBudget(venue: "https://other.test", time: bench.time)
    other.keep(in: bench.store)
    #expect(try other.change { $0.admit(1, .data, at: now) } == .admitted)
  }

  @Test func twoProcessesShareAMinute() throws {
    let bench = try Workbench()
    let two = (0..<2).map { _ in StoredBudget(venue: "https://example.test", time: bench.time) }
    two.forEach { $0.keep(in: bench.store) }
    let now = bench.time.now
    var admitted = 0
    while try two[admitted % 2].change({ $0.admit(100, .data, at: now) }) == .admitted {
      admitted += 1
    }
    // 4,800 of 6,000 are for data.
    #expect(admitted == 48)
  }
}

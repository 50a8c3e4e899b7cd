import Testing

@testable import Domain

@Suite("Sleeping")
struct SleepTests {
  let queue = SleepQueue()

  @Test func aSleepEndsWhenItsTimeIsUp() async throws {
    let end = SystemTime().uptime + .milliseconds(20)
    try await queue.sleep(until: end)
    #expect(SystemTime().uptime >= end)
    #expect(queue.count == 0)
  }

  @Test func aCancelledSleepEndsAtOnceAndLeavesNothing() async throws {
    let end = SystemTime().uptime + .hours(1)
    // Before it waits, and while it waits: each moment will do.
    for round in 0..<2000 {
      let sleep = Task { [queue] in try await queue.sleep(until: end) }
      for _ in 0..<(round % 50) { await Task.yield() }
      sleep.cancel()
      await #expect(throws: CancellationError.self) { try await sleep.value }
    }
    #expect(queue.count == 0)
  }

  @Test func aSleepThatIsOverCannotBeCancelled() async throws {
    for _ in 0..<200 {
      let end = SystemTime().uptime + .milliseconds(1)
      let sleep = Task { [queue] in try await queue.sleep(until: end) }
      let cancel = Task { [queue] in
        try await queue.sleep(until: end)
        sleep.cancel()
      }
      // Either is right: it ended, or it was cancelled as it did.
      _ = await sleep.result
      try await cancel.value
    }
    #expect(queue.count == 0)
  }
}

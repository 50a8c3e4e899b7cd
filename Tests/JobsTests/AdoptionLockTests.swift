import Domain
import Logging
import Store
import Testing

@testable import Jobs

/// An account is taken over by one process at a time, and beside no rebalance and no statement.
@Suite struct AdoptionLockTests {
  private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func adopt(_ bench: Workbench) async throws {
    let job = try #require(
      try bench.job(.rebalance, try bench.settings()) as? any AdoptingJob)
    _ = try await job.adopt(
      OrderSearch(account: "main", slots: [:]), in: bench.store, time: bench.time, acceptance: nil,
      log: Self.log)
  }

  /// Who is cancelled while another process has the account has not begun; else a paper account would be
  /// refused (exit 77).
  @Test func waitsForTheAccount() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 11])
    let lock = try JobLock.acquire(account: "main", beside: bench.store.path, log: Self.log)
    let waiting = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await adopt(bench)
    }
    await #expect(throws: CancellationError.self) { try await waiting.value }
    lock.release()
    let refused = await #expect(throws: Fault.self) { try await adopt(bench) }
    #expect(refused?.exit == .refused)
  }
}

import Jobs
import Testing

@testable import Service

/// The whole service over simulated time, under misfortunes that a seed draws: see `Storm`.
///
/// Short voyages of some hundred seeds and a few long ones each time, in parts that sail side by side;
/// many long ones, optimised, by `make storm SEEDS=10000`, and one again by `make storm FIRST=N SEEDS=1`.
@Suite struct StormTests {
  private static let parts = 4

  @Test(arguments: 0..<parts)
  func everySlotEndsOnceWhateverHappens(part: Int) async throws {
    var sailed = Storm.Log()
    for seed in 1...50 {
      try await sail(UInt64(part * 50 + seed), .short, &sailed)
    }
    // It was a storm: every misfortune has struck.
    #expect(sailed.missing == [])
  }

  @Test(arguments: 0..<parts)
  func everySlotEndsOnceHoweverLongItLasts(part: Int) async throws {
    var sailed = Storm.Log()
    for seed in 1...2 { try await sail(UInt64(part * 2 + seed), .long, &sailed) }
  }

  /// Sails on a thread of its own: a storm that held one of the threads that tests share would keep
  /// tests that wait for a time of the clock waiting for minutes.
  private func sail(_ seed: UInt64, _ length: Storm.Length, _ sailed: inout Storm.Log) async throws
  {
    let thread = WorkerThread(name: "storm")
    defer { thread.stop() }
    let (log, complaints) = try await Task(executorPreference: thread) {
      let storm = try Storm(seed: seed, length: length)
      let complaints = try await storm.sail()
      return (storm.log, complaints)
    }.value
    sailed.add(log)
    try #require(
      complaints.isEmpty,
      "seed \(seed), \(length.stormy) stormy turns\n\(complaints.joined(separator: "\n"))")
  }
}

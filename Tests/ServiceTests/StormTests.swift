import Disk
import Domain
import Glibc
import Testing

@testable import Service

/// The whole service over simulated time, under misfortunes that a seed draws: see `Storm`.
///
/// A few seeds each time; many by `make storm SEEDS=10000`, and one again by `STORM_SEED=N`.
@Suite struct StormTests {
  /// As many as a run of all tests has time for.
  private static let fewSeeds = 8
  /// Among so many seeds every misfortune strikes.
  private static let manySeeds = 200

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }

  @Test func everySlotEndsOnceWhateverHappens() async throws {
    let seeds =
      Self.number("STORM_SEED").map { $0...$0 }
      ?? 1...(Self.number("STORM_SEEDS") ?? Self.fewSeeds)
    var sailed = Storm.Log()
    for seed in seeds {
      let storm = try Storm(seed: UInt64(seed))
      let complaints = try await storm.sail()
      sailed.add(storm.log)
      #expect(
        complaints.isEmpty,
        "STORM_SEED=\(seed) swift test --filter StormTests\n\(complaints.joined(separator: "\n"))")
      guard complaints.isEmpty else { return }
    }
    // It was a storm: every misfortune has struck, if it had the time.
    guard seeds.count >= Self.manySeeds else { return }
    #expect(sailed.missing == [])
  }
}

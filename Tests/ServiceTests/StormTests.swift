import Disk
import Domain
import Glibc
import Testing

@testable import Service

/// The whole service over simulated time, under misfortunes that a seed draws: see `Storm`.
///
/// It sails where it is asked to: `make storm SEEDS=10000`, or one seed again by `STORM_SEED=N`.
@Suite struct StormTests {
  /// Among so many seeds every misfortune strikes.
  private static let usualSeeds = 200

  private static var isAsked: Bool { number("STORM_SEED") != nil || number("STORM_SEEDS") != nil }

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }

  @Test(.enabled(if: isAsked, "make storm")) func everySlotEndsOnceWhateverHappens() async throws {
    let seeds =
      Self.number("STORM_SEED").map { $0...$0 }
      ?? 1...(Self.number("STORM_SEEDS") ?? Self.usualSeeds)
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
    guard seeds.count >= Self.usualSeeds else { return }
    #expect(sailed.missing == [])
  }
}

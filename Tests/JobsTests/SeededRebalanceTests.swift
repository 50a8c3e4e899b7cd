import Domain
import Glibc
import Testing

/// Whole rebalances held to the invariants of money, over seeded worlds. `make prove-plans
/// SEEDS=1000` runs many; `make prove-plans FIRST=SEED SEEDS=1` replays one.
@Suite struct SeededRebalanceTests {
  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }

  @Test func moneyAddsUpAfterEveryRebalance() async throws {
    let first = Self.number("PROVE_FIRST") ?? 1
    let count = Self.number("PROVE_SEEDS") ?? 12
    let slots = Self.number("PROVE_SLOTS") ?? 6
    var counts = SeededRebalances.Counts()
    for seed in first..<(first + count) {
      var rebalances = try SeededRebalances(seed: UInt64(seed))
      try await rebalances.run(slots: slots)
      counts += rebalances.counts
      #expect(
        rebalances.findings.isEmpty,
        """
        seed \(seed): \(rebalances.findings.first ?? "")
        replay: make prove-plans FIRST=\(seed) SEEDS=1
        """)
    }
    // Worlds in which nothing happens would prove nothing.
    if count >= 10 {
      #expect(counts.orders >= count, "\(counts)")
      #expect(counts.cuts >= count / 4, "\(counts)")
      #expect(counts.events >= count / 2, "\(counts)")
      #expect(counts.plansValued >= count, "\(counts)")
      #expect(counts.haltsInRuns > 0, "\(counts)")
      #expect(counts.thirdFees > 0, "\(counts)")
    }
    if Self.number("PROVE_SEEDS") != nil {
      Issue.record(
        "proved: \(count) worlds from seed \(first), \(counts)", severity: .warning)
    }
  }
}

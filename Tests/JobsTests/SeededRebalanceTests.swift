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
    var (orders, cuts) = (0, 0)
    for seed in first..<(first + count) {
      var rebalances = try SeededRebalances(seed: UInt64(seed))
      try await rebalances.run()
      (orders, cuts) = (orders + rebalances.orders, cuts + rebalances.cuts)
      #expect(
        rebalances.findings.isEmpty,
        """
        seed \(seed): \(rebalances.findings.first ?? "")
        replay: make prove-plans FIRST=\(seed) SEEDS=1
        """)
    }
    // Worlds in which nothing happens would prove nothing.
    if count >= 10 {
      #expect(orders >= count, "\(orders) orders and \(cuts) cuts in \(count) worlds")
      #expect(cuts >= count / 4)
    }
    if Self.number("PROVE_SEEDS") != nil {
      Issue.record(
        "proved: \(count) worlds from seed \(first), \(orders) orders, \(cuts) runs cut",
        severity: .warning)
    }
  }
}

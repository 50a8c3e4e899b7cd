import Domain
import Exchange
import Glibc
import Testing

/// Invariants of money over seeded worlds. `make prove-money SEEDS=100000` runs many;
/// `make prove-money FIRST=SEED SEEDS=1` replays one.
@Suite struct MoneyProofTests {
  private static let stepsOfAWorld = 60

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }

  private static func run(_ seed: UInt64) -> MoneyWorld {
    var world = MoneyWorld(seed: seed)
    for _ in 0..<stepsOfAWorld where world.findings.isEmpty { world.step() }
    return world
  }

  @Test func moneyAddsUpInEveryWorld() {
    let first = Self.number("PROVE_FIRST") ?? 1
    let count = Self.number("PROVE_SEEDS") ?? 150
    var (orders, trades, postings) = (0, 0, 0)
    for seed in first..<(first + count) {
      let world = Self.run(UInt64(seed))
      orders += world.accepted
      trades += world.traded
      postings += world.journal.count
      #expect(
        world.findings.isEmpty,
        "seed \(seed): \(world.findings.first ?? ""); replay: make prove-money FIRST=\(seed) SEEDS=1"
      )
    }
    // Worlds in which nothing happens would prove nothing.
    #expect(
      orders >= count * 2,
      "\(orders) orders, \(trades) trades, \(postings) lines in \(count) worlds")
    #expect(trades >= count)
    if Self.number("PROVE_SEEDS") != nil {
      Issue.record(
        "proved: \(count) worlds from seed \(first), \(orders) orders, \(trades) trades, \(postings) journal lines",
        severity: .warning)
    }
  }

  @Test func aSeedRepeatsItself() {
    for seed in [UInt64(3), 14, 159] {
      let (one, two) = (Self.run(seed), Self.run(seed))
      #expect(one.journal.digest == two.journal.digest)
      #expect(one.core == two.core)
    }
    #expect(Self.run(26).journal.digest != Self.run(27).journal.digest)
  }

  /// The checks themselves: books that were wrong would be found.
  @Test func aWrongBookIsFound() {
    var world = Self.run(5)
    #expect(world.findings == [])
    world.sums["a", default: [:]]["USDT"] = Amount(
      units: (world.sums["a"]?["USDT"]?.units ?? 0) + 1)
    world.checkBooks()
    #expect(world.findings.count == 1)
  }
}

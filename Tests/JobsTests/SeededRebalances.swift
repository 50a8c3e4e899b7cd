import Domain
import Jobs
import Store
import Testing

/// An account that is rebalanced slot after slot in a market that a seed makes: prices that walk, scores
/// that come and go, rules that change, halts, thin volumes, limits of risk, and processes that are cut
/// anywhere and start again. What must always hold is looked at after each slot.
struct SeededRebalances {
  let seed: UInt64
  private let world: TradedWorld
  private var random: SeededRandom
  private var prices: [Symbol: Double] = [:]
  private var lots: [Symbol: String] = [:]
  private var halted: Set<Symbol> = []
  private let isLimit: Bool
  /// What did not hold, with its slot.
  private(set) var findings: [String] = []
  /// How many orders there were.
  private(set) var orders = 0
  /// How many runs were cut.
  private(set) var cuts = 0

  private static let slots = 6

  init(seed: UInt64) throws {
    self.seed = seed
    var random = SeededRandom(seed: seed)
    func pick<T>(_ choices: [T]) -> T { choices[Int(random.next() % UInt64(choices.count))] }
    isLimit = pick([true, false])
    let offset = isLimit ? ", limit-offset: \(pick(["0", "0.005", "0.05"]))" : ""
    world = try TradedWorld(
      instruments: 2 + Int(random.next() % 5), cash: pick(["50", "1000", "123456.78"]),
      costs: "fee-bps: \(pick(["0", "7.5", "100"])), slippage-bps: \(pick(["0", "5", "200"]))",
      account: pick(["", ", participation: 0.1", ", risk: { max-drawdown: 0.2, max-positions: 2 }"]
      ),
      rebalance: "top: \(pick(["1", "2", "5"])), weighting: \(pick(["equal", "score"])), "
        + "max-weight: \(pick(["0.3", "1"])), cash-buffer: \(pick(["0", "0.02", "0.3"])), "
        + "band: \(pick(["0", "0.01", "0.2"])), min-notional: \(pick(["0.01", "20"]))" + offset)
    for symbol in world.symbols {
      prices[symbol] = pick([0.05, 1, 7.77, 250, 31_000])
      lots[symbol] = pick(["0.001", "0.00001", "1"])
    }
    self.random = random
  }

  private mutating func uniform() -> Double { Double(random.next() >> 11) / Double(1 << 53) }
  private mutating func one(in count: UInt64) -> Bool { random.next() % count == 0 }

  /// Goes through all slots, or up to the first finding.
  mutating func run() async throws {
    for slot in 1...Self.slots where findings.isEmpty { try await step(Int64(slot)) }
    try world.end()
  }

  private mutating func step(_ hours: Int64) async throws {
    world.bench.time.set(Workbench.start + .hours(hours))
    var (closes, scores): ([Symbol: Double], [Symbol: Double]) = ([:], [:])
    for symbol in world.symbols {
      let price = (prices[symbol] ?? 1) * (0.8 + 0.4 * uniform())
      prices[symbol] = price
      if !one(in: 12) { closes[symbol] = price }
      if !one(in: 8) { scores[symbol] = one(in: 20) ? .nan : uniform() * 2 - 1 }
      if one(in: 10) { lots[symbol] = one(in: 2) ? "0.1" : "0.0001" }
      if one(in: 10) { halted.formSymmetricDifference([symbol]) }
      try world.rules(
        of: symbol, lot: lots[symbol] ?? "1", halted: halted.contains(symbol) ? "HALT" : nil)
    }
    try world.closes(closes, at: hours, volume: one(in: 3) ? 5 : 1e9)
    try world.scores(scores, at: hours)
    try await rebalance(hours)
    try check(hours)
  }

  /// Rebalances at a slot; some runs are cut at some look at the clock, and another process goes on.
  private mutating func rebalance(_ hours: Int64) async throws {
    if one(in: 2) {
      let end = 1 + Int(random.next() % 40)
      let clock = CuttingTime(world.bench.time) { $0 >= end }
      let first = try await world.rebalance(at: hours, time: clock)
      if first?.state != .succeeded { cuts += 1 }
      for finding in try world.findings() { findings.append("slot \(hours), cut: \(finding)") }
    }
    if one(in: 2) { try world.restart() }
    _ = try await world.rebalance(at: hours, force: true)
  }

  private mutating func check(_ hours: Int64) throws {
    findings += try world.findings().map { "slot \(hours): \($0)" }
    let slot = Workbench.start + .hours(hours)
    let all = try world.store.read { try $0.orders.all() }
    orders = all.count
    for record in all where record.order.key.slot.time == slot && record.sent != nil {
      let order = record.order
      guard record.order.state != .rejected else { continue }
      if halted.contains(order.key.symbol) {
        findings.append("slot \(hours): \(order.key.symbol) is halted, and \(order.id) was sent")
      }
      let lot = try #require(Amount(lots[order.key.symbol] ?? ""))
      if try order.quantity.rounded(toMultipleOf: lot, .down) != order.quantity {
        findings.append("slot \(hours): \(order.quantity) of \(order.id) is no multiple of \(lot)")
      }
      if let limit = order.limit,
        try limit.rounded(toMultipleOf: Amount(units: 10_000_000_000), .down) != limit
      {
        findings.append("slot \(hours): the limit \(limit) of \(order.id) is between ticks")
      }
      if (order.limit != nil) != isLimit {
        findings.append("slot \(hours): \(order.id) is of the wrong type")
      }
    }
  }
}

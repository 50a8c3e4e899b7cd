import Domain
import Jobs
import Store
import Synchronization
import Testing

/// An account that is rebalanced slot after slot in a market that a seed makes: prices that walk, scores
/// that come and go, rules that change, halts of instruments and of trading, sessions, thin volumes,
/// limits of risk, splits, deposits and what else changes cash, fees in a third asset, and processes
/// that are cut anywhere and start again. What must always hold is looked at after each slot.
struct SeededRebalances {
  let seed: UInt64
  let world: TradedWorld
  var random: SeededRandom
  var prices: [Symbol: Double] = [:]
  /// The newest close of each symbol, splits taken out.
  var closes: [Symbol: Double] = [:]
  var lots: [Symbol: String] = [:]
  var least: [Symbol: String] = [:]
  var halted: Set<Symbol> = []
  /// The halt of trading that this world put on record.
  var halt: Halt.Level?
  /// Whether the file beside the database halts.
  var isFileHalted = false
  /// Whether fees are paid in the third asset.
  let isFeeThird: Bool
  let isLimit: Bool
  private let hasSessions: Bool
  /// What did not hold, with its slot.
  var findings: [String] = []
  var counts = Counts()

  /// What happened, so that a world in which nothing does is noticed.
  struct Counts {
    var (rebalances, orders, fills, cuts) = (0, 0, 0, 0)
    var (events, refusedEvents, splits, halts, plansValued) = (0, 0, 0, 0, 0)
    /// Halts in the middle of a run, and trades whose fee was paid in a third asset.
    var (haltsInRuns, thirdFees) = (0, 0)

    static func += (a: inout Counts, b: Counts) {
      a.rebalances += b.rebalances
      a.orders += b.orders
      a.fills += b.fills
      a.cuts += b.cuts
      a.events += b.events
      a.refusedEvents += b.refusedEvents
      a.splits += b.splits
      a.halts += b.halts
      a.plansValued += b.plansValued
      a.haltsInRuns += b.haltsInRuns
      a.thirdFees += b.thirdFees
    }
  }

  /// Trades from 00:00 to 12:00 every day.
  private static let sessions = """
    calendar DAY
    timezone UTC
    from 2025-12-01
    to 2026-12-31
    week mon-sun 00:00-12:00

    """

  init(seed: UInt64) throws {
    self.seed = seed
    var random = SeededRandom(seed: seed)
    func pick<T>(_ choices: [T]) -> T { choices[Int(random.next() % UInt64(choices.count))] }
    isLimit = pick([true, false])
    hasSessions = pick([true, false, false])
    isFeeThird = pick([true, false, false])
    let offset = isLimit ? ", limit-offset: \(pick(["0", "0.005", "0.05"]))" : ""
    world = try TradedWorld(
      instruments: 2 + Int(random.next() % 5), cash: pick(["50", "1000", "123456.78"]),
      costs: "fee-bps: \(pick(["0", "7.5", "100"])), slippage-bps: \(pick(["0", "5", "200"]))",
      account: pick(["", ", participation: 0.1", ", risk: { max-drawdown: 0.2, max-positions: 2 }"])
        + (isFeeThird ? ", fee-asset: BNB" : ""),
      rebalance: "top: \(pick(["1", "2", "5"])), weighting: \(pick(["equal", "score"])), "
        + "max-weight: \(pick(["0.3", "1"])), cash-buffer: \(pick(["0", "0.02", "0.3"])), "
        + "band: \(pick(["0", "0.01", "0.2"])), min-notional: \(pick(["0.01", "20"]))" + offset,
      mode: .rehearsal, sessions: hasSessions ? Self.sessions : nil)
    for symbol in world.symbols {
      prices[symbol] = pick([0.05, 1, 7.77, 250, 31_000])
      lots[symbol] = pick(["0.001", "0.00001", "1"])
      least[symbol] = pick(["1", "1", "10", "0.5"])
    }
    prices[Self.third] = 3
    self.random = random
  }

  /// An asset that is no part of the list, in which some fees are paid.
  static let third = Symbol("BNB-USD")!

  mutating func uniform() -> Double { Double(random.next() >> 11) / Double(1 << 53) }
  mutating func one(in count: UInt64) -> Bool { random.next() % count == 0 }
  mutating func pick<T>(_ choices: [T]) -> T { choices[Int(random.next() % UInt64(choices.count))] }

  /// Goes through so many slots, or up to the first finding.
  mutating func run(slots: Int) async throws {
    for slot in 1...slots where findings.isEmpty { try await step(Int64(slot)) }
    let (orders, fills) = try world.store.read {
      (try $0.orders.all().count, try $0.fills.all("main"))
    }
    (counts.orders, counts.fills) = (orders, fills.count)
    counts.thirdFees = fills.count { $0.fill.fee?.asset == Self.third.base }
    try world.end()
  }

  private mutating func step(_ hours: Int64) async throws {
    let slot = Workbench.start + .hours(hours)
    world.bench.time.set(slot)
    if hours > 1 { try happen(at: hours) }
    // The hour that closes now; where the market has sessions, those before noon alone.
    let isOpen = !hasSessions || (1...12).contains(hours % 24)
    var (news, scores): ([Symbol: Double], [Symbol: Double]) = ([:], [:])
    for symbol in world.symbols + [Self.third] {
      let price = (prices[symbol] ?? 1) * (0.8 + 0.4 * uniform())
      guard isOpen else { continue }
      prices[symbol] = price
      if symbol == Self.third || !one(in: 12) {
        news[symbol] = price
        closes[symbol] = price
      }
    }
    for symbol in world.symbols {
      if !one(in: 8) { scores[symbol] = one(in: 20) ? .nan : uniform() * 2 - 1 }
      if one(in: 10) { lots[symbol] = one(in: 2) ? "0.1" : "0.0001" }
      if one(in: 10) { least[symbol] = pick(["1", "5", "0.01"]) }
      if one(in: 10) { halted.formSymmetricDifference([symbol]) }
      try world.rules(
        of: symbol, lot: lots[symbol] ?? "1", least: least[symbol] ?? "1",
        halted: halted.contains(symbol) ? "HALT" : nil)
    }
    try world.closes(news, at: hours, volume: one(in: 3) ? 5 : 1e9)
    try world.scores(scores, at: hours)
    try await rebalance(hours)
  }

  /// Rebalances at a slot; some runs are cut at some look at the clock and another process goes on, and
  /// in the middle of some the file beside the database halts.
  private mutating func rebalance(_ hours: Int64) async throws {
    var sent = try sentOrders()
    if one(in: 2) {
      if one(in: 4), !isFileHalted {
        try await rebalanceAndHalt(hours)
        sent = try sentOrders()
      } else {
        let end = 1 + Int(random.next() % 40)
        let clock = CuttingTime(world.bench.time) { $0 >= end }
        let first = try await world.rebalance(at: hours, time: clock)
        if first?.state != .succeeded { counts.cuts += 1 }
      }
      counts.rebalances += 1
      for finding in try world.findings() { findings.append("slot \(hours), cut: \(finding)") }
    }
    if one(in: 2) { try world.restart() }
    let before = try expectation(of: hours)
    _ = try await world.rebalance(at: hours, force: true)
    counts.rebalances += 1
    try check(hours, before: before, sent: sent)
  }

  /// Rebalances at a slot, and halts at some look at the clock: from then on no order goes out that was
  /// not on its way. An intent counts as on its way; what was only planned then must stay where it is.
  private mutating func rebalanceAndHalt(_ hours: Int64) async throws {
    let moment = 1 + Int(random.next() % 40)
    let path = world.bench.store.path
    let onTheWay = Mutex<Set<ClientOrderID>?>(nil)
    let clock = CuttingTime(world.bench.time) { look in
      guard look == moment else { return false }
      try HaltFile(database: path).make(reason: "seeded")
      // The look may be within a transaction of the run's own store.
      let store = try Store.open(path, mode: .readOnly)
      let ids = try store.read { transaction in
        Set(
          try transaction.orders.all().filter { $0.order.state != .planned }.map(\.order.id))
      }
      try store.close()
      onTheWay.withLock { $0 = ids }
      return false
    }
    let before = try sentOrders()
    _ = try await world.rebalance(at: hours, time: clock)
    let new = try sentOrders().subtracting(before)
    try checkSent(new, hours)
    isFileHalted = HaltFile(database: path).halt != nil
    guard isFileHalted else { return }
    guard let onTheWay = onTheWay.withLock({ $0 }) else {
      return findings.append("slot \(hours): what was on its way could not be read")
    }
    counts.haltsInRuns += 1
    for id in new.subtracting(onTheWay) where halt != .flatten {
      findings.append("slot \(hours): \(id) was sent after a halt in the middle of its run")
    }
    if one(in: 2) { try endFileHalt() }
  }

  /// Takes the file beside the database away.
  mutating func endFileHalt() throws {
    try HaltFile(database: world.bench.store.path).remove()
    isFileHalted = false
  }
}

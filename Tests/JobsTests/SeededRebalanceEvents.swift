import Domain
import Jobs
import Store
import Testing

// What happens to an account and to its market between two slots.
extension SeededRebalances {
  mutating func happen(at hours: Int64) throws {
    if isFileHalted, one(in: 2) { try endFileHalt() }
    if isFeeThird {
      // What pays the fees is bought elsewhere; at times it runs out.
      let left = try world.store.read { try $0.accounts.cash("main") }[Self.third.base] ?? .zero
      if left < Amount(1), !one(in: 4) {
        try book(
          .deposit(
            asset: Self.third.base, amount: Amount(50), rate: try mark(Self.third) ?? Amount(3)),
          hours)
      }
    }
    if let old = halt, one(in: 2) {
      _ = try world.store.write(at: world.bench.time.now) { try $0.halts.end(reason: "\(old)") }
      halt = nil
    } else if halt == nil, one(in: 10) {
      let level = pick(Halt.Level.allCases)
      try world.store.write(at: world.bench.time.now) {
        try $0.halts.begin(level, reason: "seeded", source: "cli")
      }
      halt = level
      counts.halts += 1
    }
    guard one(in: 3) else { return }
    let held = try world.store.read { try $0.accounts.positions("main") }
      .filter { $0.quantity > .zero }
    let money = Amount(1 + Int(random.next() % 500))
    switch random.next() % 6 {
    case 0: try book(.deposit(asset: "USD", amount: money, rate: .one), hours)
    case 1: try book(.withdrawal(asset: "USD", amount: money, rate: .one), hours)
    case 2:
      try book(
        .deposit(
          asset: "BNB", amount: Amount(1 + Int(random.next() % 5)),
          rate: try mark(Self.third) ?? Amount(3)), hours)
    case 3:
      // A charge in an asset that is no quote: at times more than there is, which is refused.
      let part = try #require(Amount(pick(["0.00000001", "0.3", "9"])))
      try book(.fee(asset: "BNB", amount: part), hours)
    case 4:
      guard let position = held.first else { return }
      try book(.dividend(position.symbol, amount: money), hours)
    default:
      guard !held.isEmpty else { return }
      try split(pick(held), hours)
    }
  }

  /// Books an event; one that is refused has changed nothing.
  ///
  /// - Returns: whether it was taken.
  @discardableResult
  private mutating func book(_ event: CashEvent, _ hours: Int64) throws -> Bool {
    let before = try world.store.read { try $0.accounts.held("main") }
    counts.events += 1
    do {
      _ = try world.store.write(at: world.bench.time.now) {
        try $0.accounts.book(
          event, account: "main", at: Workbench.start + .hours(hours), reason: "seeded")
      }
    } catch let fault as Fault {
      counts.refusedEvents += 1
      if fault.exit != .data { findings.append("slot \(hours): \(event): \(fault)") }
      if try world.store.read({ try $0.accounts.held("main") }) != before {
        findings.append("slot \(hours): \(event) was refused and changed the account")
      }
      return false
    }
    switch event {
    case .deposit(let asset, let amount, _): add(amount.units, asset)
    case .withdrawal(let asset, let amount, _), .fee(let asset, let amount):
      add(-amount.units, asset)
    case .dividend(let symbol, let amount): add(amount.units, symbol.quote)
    case .split(let symbol, let new, let old):
      // To the last unit: the ratio of what was held, what is less than a unit left off.
      let units = before[symbol.base]?.units ?? 0
      add(units * new.units / old.units - units, symbol.base)
    case .transfer, .settlement: findings.append("\(event) is none of this world")
    }
    for finding in try world.findings() { findings.append("slot \(hours), \(event): \(finding)") }
    return true
  }

  /// Splits a holding; its prices go with it.
  private mutating func split(_ position: Position, _ hours: Int64) throws {
    let (new, old) = pick([(2, 1), (3, 2), (1, 10), (7, 3)])
    let symbol = position.symbol
    guard try book(.split(symbol, new: Amount(new), old: Amount(old)), hours) else { return }
    counts.splits += 1
    let ratio = Double(new) / Double(old)
    prices[symbol] = (prices[symbol] ?? 1) / ratio
    // The candle that priced it is divided as every candle before the split is.
    closes[symbol] = closes[symbol].map { $0 / ratio }
  }

  private func add(_ units: Int128, _ asset: String) {
    world.booked[asset] = Amount(units: (world.booked[asset]?.units ?? 0) + units)
  }
}

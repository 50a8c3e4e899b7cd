import Domain
import Jobs
import Testing

@testable import Service
@testable import Store

/// What the service does at once for a halt that no person's command ordered.
@Suite struct HaltErrandTests {
  private static let start = ServiceFolder.start
  private static let a = JobName("trade-a")!
  private static let b = JobName("trade-b")!
  private static let c = JobName("trade-b-too")!

  private static func halt(
    _ level: Halt.Level = .cancelOrders, by source: String = "risk", at minutes: Int64 = 0
  ) -> Halt {
    Halt(level: level, reason: "a try", source: source, since: start + .minutes(minutes))
  }

  private static func debt(_ account: String) -> HaltDebt {
    HaltDebt(account: account, orders: 1, holdings: 0)
  }

  private static func traders(held: Set<JobName> = []) -> [HaltErrands.Trader] {
    [(a, "a"), (b, "b"), (c, "b")].map {
      .init(job: $0.0, account: $0.1, isHeld: held.contains($0.0))
    }
  }

  @Test(
    arguments: [
      // Whoever owes is sent for, whichever account's limit it was; one job of each account.
      ("risk", .cancelOrders, ["b"], [], [b]),
      ("risk", .flatten, ["a", "b"], [], [a, b]),
      ("reconcile", .cancelOrders, ["b"], [], [b]),
      // Nothing is owed, or the halt takes nothing back.
      ("risk", .cancelOrders, [], [], []),
      ("risk", .noNew, ["b"], [], []),
      // The command does it by itself.
      ("cli", .cancelOrders, ["b"], [], []),
      // A job that runs takes back by itself, one that is paused was paused by somebody.
      ("risk", .cancelOrders, ["b"], [b], []),
      // Nobody trades the account any more.
      ("risk", .cancelOrders, ["gone"], [], []),
    ] as [(String, Halt.Level, [String], Set<JobName>, [JobName])])
  func whoIsSent(
    _ source: String, _ level: Halt.Level, _ owed: [String], _ held: Set<JobName>,
    _ expected: [JobName]
  ) {
    var errands = HaltErrands()
    let sent = errands.next(
      Self.halt(level, by: source), owed: owed.map(Self.debt), traders: Self.traders(held: held))
    #expect(sent == expected)
  }

  @Test func eachJobIsSentOncePerHalt() {
    var errands = HaltErrands()
    func next(_ halt: Halt?) -> [JobName] {
      errands.next(halt, owed: [Self.debt("b")], traders: Self.traders())
    }
    // What the first leaves, the second may know the rules of; then the next rebalance is waited for.
    #expect(next(Self.halt()) == [Self.b])
    #expect(next(Self.halt()) == [Self.c])
    #expect(next(Self.halt()) == [])
    // A halt that goes further, another halt, and one after its end are each a new one.
    #expect(next(Self.halt(.flatten)) == [Self.b])
    #expect(next(Self.halt(at: 1)) == [Self.b])
    #expect(next(nil) == [])
    #expect(next(Self.halt(at: 1)) == [Self.b])
  }

  /// A limit halts while a run of another account's job goes on, and that account has an order that
  /// works: in the turn that hears of the run's end its own job starts, and only obeys.
  @Test func aHaltReachesAnAccountWithoutWaitingForItsSlot() throws {
    let bench = try ServiceBench("rebalance: { every: 1d }\nfetch: { every: 1h }", at: Self.start)
    let name = try #require(JobName("rebalance"))
    try bench.turn(at: Self.start)
    try bench.store.write(at: Self.start) { transaction in
      _ = try transaction.accounts.open("main", quote: "USDT", mode: .paper, initial: Amount(1000))
      let symbol = try #require(Symbol("BTC-USDT"))
      let key = OrderKey(
        account: "main", slot: Slot(job: name, time: Self.start), symbol: symbol, leg: 0)
      let order = Order(
        id: ClientOrderID("car-00000000000001"), key: key, side: .buy, quantity: .one, limit: .one)
      try transaction.plans.insert(
        account: "main", key.slot, run: nil, equity: nil, cash: .zero, detail: "{}", lines: [],
        orders: [order])
      try transaction.orders.move(order.id, to: .intent)
      try transaction.orders.move(order.id, to: .open, isSent: true)
    }
    try bench.turn(at: Self.start + .minutes(1))
    #expect(bench.claimed.isEmpty)
    try bench.store.write(at: Self.start + .minutes(1)) {
      try $0.halts.begin(.cancelOrders, reason: "account other: max-drawdown", source: "risk")
    }
    try bench.turn(at: Self.start + .minutes(2))
    let slot = Slot(job: name, time: Self.start + .minutes(2))
    #expect(bench.claimed == [slot])
    let run = try #require(bench.running.first)
    #expect(run.firing.trigger == .manual && run.firing.followers.isEmpty)
    #expect(bench.loop.daemon.errands.slots == [slot])
    // It failed, and goes once: the next slot does what is owed.
    try bench.end(.failed)
    try bench.turn(at: Self.start + .minutes(3))
    #expect(bench.loop.daemon.errands.slots.isEmpty && bench.claimed == [slot])
  }
}

import Domain
import Exchange
import Logging
import Settings
import Store
import Synchronization
import Testing
import Venues

@testable import Jobs

/// The loop that takes orders from plan to end, at a venue that takes its time.
@Suite struct OrderDeskTests {
  private static let bases = ["A", "B", "C", "D", "E", "F"]

  /// A desk with a plan of six purchases of one unit each, none of which is sent.
  private static func desk(
    _ bench: Workbench, _ venue: SlowVenue
  ) async throws -> (desk: OrderDesk, plan: Plan, orders: [Order]) {
    for base in bases { try bench.candles(base, [10, 10, 10]) }
    let settings = try bench.settings()
    _ = try await bench.run(bench.job(.fetch, settings), hours: 3)
    let job = try #require(try bench.job(.rebalance, settings) as? RebalanceJob)
    let slot = Slot(job: try #require(JobName("rebalance")), time: Workbench.start + .hours(3))
    let market = try await job.market(bench.store, at: slot.time)
    let orders = try bases.map { base in
      let key = OrderKey(
        account: "main", slot: slot, symbol: try #require(Symbol("\(base)-USD")), leg: 0)
      return Order(
        id: ClientOrderID("car-\(base)00000000000"), key: key, side: .buy, quantity: .one,
        state: .planned)
    }
    let plan = try bench.store.write(at: slot.time) { transaction in
      _ = try transaction.accounts.open("main", quote: "USD", mode: .paper, initial: Amount(1000))
      return try transaction.plans.insert(
        account: "main", slot, run: nil, equity: Amount(1000), cash: Amount(1000), detail: "{}",
        lines: [], orders: orders)
    }
    let firing = Firing(slot: slot, trigger: .cron, policy: JobPolicy(kind: .rebalance))
    let context = JobContext(
      firing: firing, run: 1, attempt: 1, time: bench.time, store: bench.store,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, conditions: Conditions())
    let desk = OrderDesk(
      context: context, venue: venue, parameters: job.parameters, universe: job.universe,
      members: market.members, leftOut: market.leftOut, rules: market.rules)
    return (desk, plan, orders)
  }

  /// Two seconds for each order: three go within five seconds of their commit, and what is left of the batch
  /// gets a commit anew, so that no order is sent by an intent that is older.
  @Test func whatIsLeftOfABatchIsCommittedAnew() async throws {
    let bench = try Workbench()
    let venue = SlowVenue(bench, placing: .seconds(2))
    let (desk, plan, orders) = try await Self.desk(bench, venue)
    try await desk.work(through: plan)
    let placed = venue.placed
    #expect(placed.map(\.id) == orders.map(\.id))
    #expect(placed.map(\.age) == [0, 2, 4, 0, 2, 4].map { TimeSpan.seconds($0) })
    let states = try bench.store.read { try $0.orders.ofPlan(plan.id).map(\.order.state) }
    #expect(states == Array(repeating: .open, count: 6))
  }

  /// A venue that takes a minute to say that it does not know an order speaks of the time when it was asked:
  /// half a minute after the intent nothing is proved, though the answer comes after 90 seconds; nor 64
  /// seconds after the doubt, which then began.
  @Test func absenceCountsFromTheQuestion() async throws {
    let bench = try Workbench()
    let venue = SlowVenue(bench, finding: .minutes(1))
    let (desk, plan, orders) = try await Self.desk(bench, venue)
    let slot = bench.time.now
    try bench.store.write(at: slot) { try $0.orders.move(orders[0].id, to: .intent) }
    func state() throws -> OrderState? {
      try bench.store.read { try $0.orders.ofPlan(plan.id).first?.order.state }
    }
    bench.time.set(slot + .seconds(30))
    _ = try await desk.reconcile()
    #expect(bench.time.now == slot + .seconds(90))
    #expect(try state() == .unknown)
    bench.time.set(slot + .seconds(90 + 64))
    _ = try await desk.reconcile()
    #expect(try state() == .unknown)
    _ = try await desk.reconcile()
    #expect(try state() == .planned)
  }
}

/// A venue that knows no order that it was not sent, and takes its time on the bench's clock.
private final class SlowVenue: Venue {
  let name = "slow"
  private let bench: Workbench
  private let placing: TimeSpan
  private let finding: TimeSpan
  private let orders = Mutex<[(id: ClientOrderID, age: TimeSpan)]>([])

  init(_ bench: Workbench, placing: TimeSpan = .zero, finding: TimeSpan = .zero) {
    (self.bench, self.placing, self.finding) = (bench, placing, finding)
  }

  /// What was placed, in order, and how old its intent was then.
  var placed: [(id: ClientOrderID, age: TimeSpan)] { orders.withLock { $0 } }

  /// An order that is not seen is absent after 65 seconds.
  var traits: VenueTraits {
    VenueTraits(
      timesInForce: [.untilCancelled], tellsFillsAtOnce: true, lookUpLag: .seconds(60),
      validityWindow: .seconds(5))
  }

  func contract(_ instrument: Instrument) -> Contract {
    Contract(instrument, venue: name, fees: .flat(.zero))
  }

  func place(
    _ ticket: OrderTicket, on contract: Contract, validUntil: Instant?
  ) async -> Placement {
    do {
      let record = try bench.store.read { try $0.orders.order(ticket.id) }
      #expect(record?.order.state == .intent)
      let age = record.map { bench.time.now - $0.updated } ?? .zero
      orders.withLock { $0.append((ticket.id, age)) }
    } catch {
      Issue.record(error)
    }
    bench.time.set(bench.time.now + placing)
    return .accepted(
      OrderStanding(
        id: ticket.id, venueID: ticket.id.text, contract: ticket.contract, side: ticket.side,
        quantity: ticket.quantity, filled: Quantity(.zero, ticket.quantity.asset), state: .open))
  }

  func find(
    _ ids: [ClientOrderID], on contract: Contract
  ) async throws -> [ClientOrderID: Sighting] {
    let asked = bench.time.now
    bench.time.set(asked + finding)
    return Dictionary(
      ids.map { ($0, .absent(asOf: asked)) }, uniquingKeysWith: { first, _ in first })
  }

  func cancel(_ id: ClientOrderID, on contract: Contract) async -> CancelOutcome {
    .refused(.unknownOrder)
  }

  func openOrders() async throws -> [OrderStanding] { [] }

  func fills(of contract: Contract?, after: FillCursor?) async throws -> FillPage {
    FillPage(fills: [], next: after)
  }

  func fills(
    ofOrder id: ClientOrderID, on contract: Contract
  ) async throws -> [VenueFill] { [] }

  func account() async throws -> AccountSnapshot {
    AccountSnapshot(free: [:], locked: [:], asOf: bench.time.now)
  }
}

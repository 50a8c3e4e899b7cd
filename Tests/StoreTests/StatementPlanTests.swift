import Domain
import GRDB
import Testing

@testable import Store

/// What the service asks at each run, scrape, turn or page is found by an index, however much was ever
/// run, ordered, planned, valued and told.
@Suite("Statements and what they read")
struct StatementPlanTests {
  let database = TestDatabase()
  let store: Store

  init() throws {
    store = try database.open()
    _ = try store.write(at: at(0)) {
      try $0.accounts.open("main", quote: "BTC", mode: .paper, initial: Amount(100))
    }
  }

  /// A call, and the index or key that each of its statements has to take.
  struct Question: Sendable, CustomTestStringConvertible {
    var name: String
    var way: String
    var ask: @Sendable (WriteTransaction) throws -> Void
    var testDescription: String { name }

    init(
      _ name: String, by way: String, _ ask: @escaping @Sendable (WriteTransaction) throws -> Void
    ) {
      (self.name, self.way, self.ask) = (name, way, ask)
    }
  }

  static let questions = [
    // Each scrape.
    Question("orders.counts", by: "PRIMARY KEY (account=?)") { _ = try $0.orders.counts("main") },
    Question("equity.latest", by: "PRIMARY KEY (account=?)") { _ = try $0.equity.latest("main") },
    Question("consecutiveFailures", by: "run_tried (job=?)") {
      _ = try $0.runs.consecutiveFailures(job("a"))
    },
    Question("series of a score", by: "PRIMARY KEY (job=? AND slot<?)") {
      _ = try $0.predictions.latest(job("a"), atOrBefore: at(9))
    },
    // Each look at health and overview.
    Question("equity.peak", by: "equity_peak (account=?)") { _ = try $0.equity.peak("main") },
    Question("newestSuccess", by: "run_succeeded (job=? AND slot<?)") {
      _ = try $0.runs.newestSuccess(job("a"), by: at(9))
    },
    Question("lastDurations", by: "run_succeeded (job=?)") {
      _ = try $0.runs.lastDurations(job("a"), limit: 9)
    },
    Question("statements.latest", by: "statement_newest (account=?)") {
      _ = try $0.statements.latest("main")
    },
    Question("fills.between", by: "fill_newest (time>? AND time<?)") {
      _ = try $0.fills.between("main", after: at(0), through: at(9))
    },
    Question("fills of an instrument", by: "fill_newest (time>? AND time<?)") {
      _ = try $0.fills.latest(
        of: symbol("ETH-BTC"), after: at(0), through: at(9), limit: 9)
    },
    Question("equity.daily", by: "PRIMARY KEY (account=?)") { _ = try $0.equity.daily("main") },
    Question("equity.has", by: "(account=?)") {
      _ = try $0.equity.has("main", moreThan: 9)
    },
    // Each rebalance.
    Question("plans.newest", by: "plan_newest (account=? AND slot<?)") {
      _ = try $0.plans.newest(account: "main", by: at(9))
    },
    Question("plans.latest", by: "plan_newest (account=?)") {
      _ = try $0.plans.latest(account: "main")
    },
    Question("orders.expirePlanned", by: "orders_planned (account=? AND job=? AND slot<?)") {
      try $0.orders.expirePlanned("main", before: slot("a", 9), reason: "late")
    },
    Question("orders.ended", by: "orders_ended (account=? AND updated>?)") {
      _ = try $0.orders.ended("main", since: at(9))
    },
    Question("orders.working", by: "orders_working (account=?)") {
      _ = try $0.orders.working("main")
    },
    Question("orders.pending", by: "orders_working (account=?)") {
      _ = try $0.orders.pending("main")
    },
    Question("entries.flows", by: "entry_flows (account=? AND time>?)") {
      _ = try $0.entries.flows("main", after: at(9))
    },
    Question("fills.quantity", by: "fill_of_candle (candle=?)") {
      _ = try $0.fills.quantity("main", of: symbol("ETH-BTC"), beside: at(9))
    },
    // Each attempt that needs others.
    Question("marks.mark", by: "PRIMARY KEY (job=?)") { _ = try $0.marks.mark(of: job("a")) },
    // Each failure.
    Question("audit.wasAnswered", by: "audit_halt_after (text=?)") {
      _ = try $0.audit.wasAnswered("a, halt-after 3")
    },
    // Each page.
    Question("orders.latest", by: "orders_newest (account=?)") {
      _ = try $0.orders.latest("main", limit: 9)
    },
    Question("audit.latest of a kind", by: "audit_by_kind (kind=?)") {
      _ = try $0.audit.latest(limit: 9, kind: "pause")
    },
    Question("audit.latest about a subject", by: "audit_subject (subject=? AND kind=?)") {
      _ = try $0.audit.latest(limit: 9, kind: "pause", about: "fetch")
    },
    // The figures of a portfolio.
    Question("entries.fees", by: "PRIMARY KEY (account=?)") { _ = try $0.entries.fees("main") },
    Question("accounts.positions", by: "PRIMARY KEY (account=?)") {
      _ = try $0.accounts.positions("main")
    },
    Question("accounts.cash", by: "PRIMARY KEY (account=?)") { _ = try $0.accounts.cash("main") },
    Question("plans.lines", by: "PRIMARY KEY (plan=?)") { _ = try $0.plans.lines(1) },
  ]

  @Test(arguments: questions) func findsByAnIndex(_ question: Question) throws {
    let plans = try store.write(at: at(100)) { transaction in
      try Self.statements(transaction, question.ask).map { try Self.plan($0, transaction.db) }
    }
    #expect(!plans.isEmpty)
    for plan in plans {
      // The tables of accounts, jobs and series do not grow with time, and none of them is asked here.
      let scans = plan.filter { $0.hasPrefix("SCAN") && $0 != "SCAN CONSTANT ROW" }
      #expect(scans.isEmpty, "\(plan)")
      let ways = plan.filter { $0.hasPrefix("SEARCH") }
      #expect(ways.first?.hasSuffix(question.way) == true, "\(plan)")
    }
  }

  /// A statement that reads a growing table from end to end is seen by the test above.
  @Test func aScanIsSeen() throws {
    let plans = try store.write(at: at(100)) { transaction in
      try Self.statements(transaction) { _ = try $0.orders.all() }
        .map { try Self.plan($0, transaction.db) }
    }
    #expect(plans.first?.first?.hasPrefix("SCAN orders") == true, "\(plans)")
  }

  /// The total of each state is what counting says, whatever happens to orders.
  @Test func totalsOfOrdersAreWhatCountingSays() throws {
    let names = (0..<6).map { "car-\($0)" }
    let orders = names.enumerated().map { index, name in
      Order(
        id: ClientOrderID(name),
        key: OrderKey(
          account: "main", slot: slot("rebalance", 60), symbol: symbol("ETH-BTC"), leg: index),
        side: .buy, quantity: Amount(1), limit: nil, state: .planned)
    }
    try store.write(at: at(60)) {
      _ = try $0.plans.insert(
        account: "main", slot("rebalance", 60), run: nil, equity: Amount(100), cash: Amount(100),
        detail: "{}", lines: [], orders: orders)
    }
    #expect(try counted() == [.planned: 6])
    func move(_ index: Int, _ states: OrderState...) throws {
      for state in states {
        try store.write(at: at(61)) {
          try $0.orders.move(ClientOrderID(names[index]), to: state)
        }
        #expect(try counted() == recounted())
      }
    }
    try move(0, .intent, .open, .filled)
    try move(1, .intent, .unknown, .open, .cancelled)
    try move(2, .intent, .intent)
    // A transaction that fails takes its counts back.
    _ = fault {
      try store.write(at: at(62)) {
        try $0.orders.move(ClientOrderID(names[3]), to: .intent)
        try $0.orders.move(ClientOrderID(names[0]), to: .open)
      }
    }
    #expect(try counted() == [.planned: 3, .filled: 1, .cancelled: 1, .intent: 1])
    let expired = try store.write(at: at(130)) {
      try $0.orders.expirePlanned("main", before: slot("rebalance", 120), reason: "late")
    }
    #expect(expired == 3)
    #expect(try counted() == [.expired: 3, .filled: 1, .cancelled: 1, .intent: 1])
    #expect(try counted() == recounted())
  }

  /// An older database is counted by the migration.
  @Test func olderOrdersAreCounted() throws {
    let folder = TestDatabase()
    let older = try DatabaseQueue(path: folder.path)
    try older.inDatabase { db in
      for migration in Schema.migrations.prefix(10) {
        try db.execute(sql: migration.sql)
        try db.execute(sql: "PRAGMA user_version = \(migration.number)")
      }
      try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
      try db.execute(
        sql: """
          INSERT INTO account (name, quote, mode, initial, opened)
            VALUES ('main', 'USD', 'paper', '1000', 0);
          INSERT INTO plan (id, account, job, slot, round, state, cash, detail, created, updated)
            VALUES (1, 'main', 'rebalance', 60000, 0, 'done', '1000', '{}', 60000, 60000);
          """)
      for (n, state) in ["filled", "filled", "open"].enumerated() {
        try db.execute(
          sql: """
            INSERT INTO orders (client_id, plan, account, job, slot, symbol, leg, side, quantity,
              state, filled, value, created, updated, position)
            VALUES (?, 1, 'main', 'rebalance', 60000, 'ACME-USD', ?, 'buy', '1', ?, '0', '0', 0, 0, 0)
            """, arguments: ["car-\(n)", n, state])
      }
    }
    try older.close()
    let store = try folder.open()
    #expect(try store.read { try $0.orders.counts("main") } == [.filled: 2, .open: 1])
    try store.close()
  }

  private func counted() throws -> [OrderState: Int] {
    try store.read { try $0.orders.counts("main") }
  }

  private func recounted() throws -> [OrderState: Int] {
    let states = try store.read { try $0.orders.all("main") }.map(\.order.state)
    return Dictionary(states.map { ($0, 1) }, uniquingKeysWith: +)
  }

  /// The statements that a body has SQLite run.
  private static func statements(
    _ transaction: WriteTransaction, _ body: (WriteTransaction) throws -> Void
  ) throws -> [String] {
    var statements: [String] = []
    transaction.db.trace { event in
      if case .statement(let statement) = event, !statement.sql.hasPrefix("--") {
        statements.append(statement.sql)
      }
    }
    defer { transaction.db.trace(nil) }
    try body(transaction)
    return statements
  }

  /// How SQLite would find what a statement asks for, a line for each table.
  private static func plan(_ sql: String, _ db: Database) throws -> [String] {
    let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
    statement.setUncheckedArguments(StatementArguments())
    return try Row.fetchAll(statement).map { $0["detail"] }
  }
}

import Domain
import GRDB
import Testing

@testable import Store

@Suite("Pruning")
struct PruningTests {
  let database = TestDatabase()
  let store: Store
  let lock: ProcessLock
  static let day = Int64(86_400)
  /// What is asked: all before day 10, on day 100.
  static let cut = 10 * day
  static let now = 100 * day

  init() throws {
    store = try database.open()
    lock = try database.lock()
  }

  @discardableResult
  private func run(
    _ name: String, _ time: Int64, _ state: RunState? = .succeeded,
    _ write: (WriteTransaction, Int64) throws -> Void = { _, _ in }
  ) throws -> Int64 {
    try store.write(at: at(time)) { transaction in
      let firing = Firing(
        slot: slot(name, time), trigger: .cron, policy: JobPolicy(kind: .fetch))
      guard
        case .claimed(let run, let attempt) = try transaction.runs.claim(
          firing, holder: lock.holder)
      else {
        Issue.record("not claimed")
        return 0
      }
      try write(transaction, run)
      if let state { try transaction.runs.finish(run: run, attempt: attempt, state: state) }
      return run
    }
  }

  private func prune(_ name: String) throws -> Int {
    var (dropped, step) = (0, PruneStep(isUnfinished: true))
    while step.isUnfinished {
      step = try store.pruneRuns(of: job(name), before: at(Self.cut), at: at(Self.now))
      dropped += step.dropped
    }
    return dropped
  }

  private func slots(_ name: String) throws -> [Int64] {
    try store.read { try $0.runs.history(job: job(name), limit: 10_000) }
      .map { $0.slot.time.milliseconds / 1000 }.sorted()
  }

  /// References whose other end is gone.
  private func loose() throws -> Int {
    try store.connections.read { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check").count }
  }

  @Test func whatIsOldGoesWithAttemptsAndOutput() throws {
    let old = try run("a", 60, .failed) { transaction, run in
      try transaction.output.prune(job("a"), run: run, attempt: 1)
      try transaction.output.append([1, 2], to: run, attempt: 1, stream: .out)
    }
    try run("a", 120)
    try run("a", Self.cut - 1, .failed)
    try run("a", Self.cut)
    try run("b", 60)
    #expect(try prune("a") == 3)
    #expect(try slots("a") == [Self.cut])
    #expect(try slots("b") == [60], "the only success of its job stays")
    #expect(try prune("b") == 0)
    #expect(try store.read { try $0.runs.run(old) } == nil)
    #expect(try store.read { try $0.runs.attempts(of: old).count } == 0)
    #expect(try store.read { try $0.output.sizeBytes(of: old) } == 0)
    #expect(try loose() == 0)
    // A counter that people watch does not fall.
    #expect(
      try store.read { try $0.runs.totals() }.filter { $0.job == job("a") }.map(\.runs).reduce(0, +)
        == 4)
    #expect(try prune("a") == 0)
  }

  @Test func debtsAndWhatRunsStay() throws {
    try run("a", 60, nil)
    try run("b", 60, .interrupted)
    try run("b", 120)
    #expect(try prune("a") == 0)
    #expect(try prune("b") == 0)
    #expect(try slots("a") == [60])
    #expect(try slots("b") == [60, 120])
  }

  // Each table that names a run keeps it. The list is that of the schema.
  @Test func whateverNamesARunKeepsIt() throws {
    let naming = try store.connections.read { db in
      try String.fetchSet(
        db,
        sql: """
          SELECT t.name FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS k
          WHERE t.type = 'table' AND k."table" = 'run'
          """)
    }
    #expect(
      naming
        == Set(WriteTransaction.whatNamesARun.keys).union(WriteTransaction.whatGoesWithARun),
      "say in Pruning.swift whether a run stays that this table names")

    _ = try store.write(at: at(0)) {
      try $0.accounts.open("main", quote: "BTC", mode: .paper, initial: Amount(100))
    }
    // One run each, all before the cut; what they write differs.
    let keepers: [String: (WriteTransaction, Int64) throws -> Void] = [
      "candle": { tx, run in
        let series = try tx.series.register(hourly())
        _ = try tx.candles.upsert([candle(1)], series: series, run: run)
      },
      "feature": { tx, run in
        let series = try tx.series.register(hourly())
        let set = try tx.features.register(sha256: "f", specification: "f", names: ["x"])
        _ = try tx.features.upsert(
          [FeatureRow(time: at(0), values: [1])], set: set, series: series, run: run)
      },
      "quarantine": { tx, run in
        let series = try tx.series.register(hourly())
        _ = try tx.quarantine.insert(
          place: "1", text: "x", reason: "no candle", series: series, run: run)
      },
      "plan": { tx, run in
        _ = try tx.plans.insert(
          account: "main", slot("plan", 60), run: run, equity: Amount(1), cash: Amount(1),
          detail: "{}", lines: [], orders: [])
      },
      "prediction": { tx, run in
        try tx.predictions.replace(
          slot("prediction", 60), with: [try Self.prediction(tx)], run: run)
      },
    ]
    for (name, write) in keepers {
      try run(name, 60, .succeeded, write)
      try run(name, 61)
      try run(name, Self.cut)
    }
    for name in keepers.keys {
      #expect(try prune(name) == 1, "\(name)")
      #expect(try slots(name) == [60, Self.cut], "\(name)")
    }
    // The others are named by hand: the statement is one for all.
    for (table, column) in [
      ("candle_correction", "run"), ("candle_correction", "corrected_by"), ("equity", "run"),
      ("snapshot", "run"), ("universe", "run"),
    ] {
      let name = "of-\(table.replacing("_", with: "-"))-\(column.replacing("_", with: "-"))"
      let id = try run(name, 60)
      try run(name, Self.cut)
      try store.connections.write { db in
        let columns = try db.columns(in: table).filter { $0.isNotNull && $0.name != "id" }
        let values: [DatabaseValue] = columns.map { known in
          switch known.name {
          case "series": Int64(1).databaseValue
          case "account": "main".databaseValue
          default:
            known.type == "TEXT"
              ? "\(name)".databaseValue
              : known.type == "REAL"
                ? 1.0.databaseValue : Int64(table.count + column.count).databaseValue
          }
        }
        let names = columns.map { "\"\($0.name)\"" } + [column]
        try db.execute(
          sql: """
            INSERT INTO \(table) (\(names.joined(separator: ", ")))
            VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
            """, arguments: StatementArguments(values + [id.databaseValue]))
      }
      #expect(try prune(name) == 0, "\(table).\(column)")
    }
    #expect(try loose() == 0)
  }

  private static func prediction(_ tx: WriteTransaction) throws -> Prediction {
    try tx.models.register(
      ModelRecord(sha256: "m", kind: "linear", name: "m", file: "m.json", features: ["x"]))
    return Prediction(
      series: hourly(), time: at(0), score: 1, model: "m", featureSet: nil)
  }

  @Test func whatWasPrunedNeverFiresAgain() throws {
    try run("a", 60)
    try run("a", Self.cut)
    #expect(try prune("a") == 1)
    func claim(_ time: Int64, force: Bool = false) throws -> Claim {
      try store.write(at: at(Self.now)) {
        try $0.runs.claim(
          Firing(slot: slot("a", time), trigger: .manual, policy: JobPolicy(kind: .fetch)),
          holder: lock.holder, force: force)
      }
    }
    #expect(try claim(60) == .pruned)
    #expect(try claim(59) == .pruned)
    guard case .claimed = try claim(61) else {
      Issue.record("a slot that was never tried is not barred")
      return
    }
    // However far the clock is set back.
    try run("b", 60)
    try run("b", Self.cut)
    #expect(try prune("b") == 1)
    _ = try store.setBack(at: at(30))
    #expect(try store.read { try $0.marks.mark(of: job("b"))?.slot } == at(60))
  }

  @Test func scoresStayWhereSomethingWasTradedByThem() throws {
    _ = try store.write(at: at(0)) {
      try $0.accounts.open("main", quote: "BTC", mode: .paper, initial: Amount(100))
    }
    // Three slots: traded, ordered and not filled, not used; and the newest of all.
    for time in [60, 120, 180, Self.now - 60] {
      try run("infer", time) { tx, run in
        try tx.predictions.replace(
          slot("infer", time), with: [try Self.prediction(tx)], run: run)
      }
    }
    for (number, time) in [Int64(60), 120].enumerated() {
      try store.write(at: at(time)) { tx in
        let order = Order(
          id: ClientOrderID("car-\(number)"),
          key: OrderKey(
            account: "main", slot: slot("rebalance", time), symbol: symbol("ETH-BTC"), leg: 0),
          side: .buy, quantity: Amount(1), limit: nil)
        _ = try tx.plans.insert(
          account: "main", slot("rebalance", time), run: nil, equity: Amount(100),
          cash: Amount(100), detail: "{\"scores\":\"\(slot("infer", time))\"}", lines: [],
          orders: [order])
        guard number == 0 else { return }
        try tx.orders.move(order.id, to: .intent)
        try tx.orders.move(order.id, to: .sent)
        _ = try tx.fills.insert(
          Fill(
            order: order.id, trade: "1", quantity: Amount(1), price: Amount(1),
            fee: Fill.Fee(.zero, "BTC"), time: at(time), candle: at(0)))
      }
    }
    let step = try store.pruneScores(of: job("infer"), before: at(Self.cut), at: at(Self.now))
    #expect(step == PruneStep(dropped: 2, isUnfinished: false))
    let left = try store.read { tx in
      try [60, 120, 180, Self.now - 60].filter {
        try !tx.predictions.read(slot("infer", $0)).isEmpty
      }
    }
    #expect(left == [60, Self.now - 60])
    // The run of scores that were traded stays with them, the others go.
    #expect(try prune("infer") == 2)
    #expect(try slots("infer") == [60, Self.now - 60])
    #expect(try loose() == 0)
  }

  @Test func stepsAreBoundedAndGoOnWhereTheyEnded() throws {
    try store.write(at: at(Self.now)) { tx in
      for second in Int64(1)...1200 {
        try tx.runs.record(slot("a", second), trigger: .cron, state: .skipped, reason: "why")
      }
    }
    func step() throws -> PruneStep {
      try store.pruneRuns(of: job("a"), before: at(Self.cut), at: at(Self.now))
    }
    #expect(try step() == PruneStep(dropped: 500, isUnfinished: true))
    #expect(try slots("a").first == 501)
    #expect(try step() == PruneStep(dropped: 500, isUnfinished: true))
    #expect(try step() == PruneStep(dropped: 200, isUnfinished: false))
    #expect(try store.read { try $0.marks.floor(of: job("a")) } == at(1200))
  }

  @Test func nothingLaterThanNowIsLookedAt() throws {
    try run("a", 60)
    try run("a", 120)
    #expect(
      try store.pruneRuns(of: job("a"), before: at(Self.cut), at: at(50)).dropped == 0)
  }

  @Test func whatIsAskedOfEachRunIsFoundByAnIndex() throws {
    let steps = try store.connections.read { db in
      try Row.fetchAll(
        db, sql: "EXPLAIN QUERY PLAN \(WriteTransaction.looks)", arguments: ["a", 0, 1, 500]
      ).map { $0["detail"] as String }
    }
    #expect(steps.count > 7)
    #expect(steps.filter { $0.contains("SCAN") } == [])
  }
}

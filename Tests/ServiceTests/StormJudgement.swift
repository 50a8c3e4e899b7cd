import Domain
import GRDB
import Jobs

@testable import Service
@testable import Store

// What must be true.
extension Storm {
  func complain(_ words: String) { complaints.append("\(sea.now): \(words)") }

  /// After every turn.
  func judge() {
    guard let ship, !sea.isDatabaseAway else { return }
    do {
      let (rows, attempts) = try ship.store.read { transaction in
        (
          try ["fetch", "compute", "infer"].flatMap {
            try transaction.runs.history(job: JobName($0)!, limit: 1000)
          }, try attemptsByRun(transaction)
        )
      }
      for row in rows where row.state.isFinal {
        guard let attempts = attempts[row.id] else { continue }
        if attempts.succeeded > 1 { complain("\(row.slot) succeeded twice") }
        if let before = ended[row.slot], before != row.state {
          complain("\(row.slot) was \(before) and is \(row.state)")
        }
        ended[row.slot] = row.state
        if row.slot.time > sea.highest { complain("\(row.slot) ran before its time") }
      }
    } catch let fault as Fault where fault.storage != nil {
      return  // nothing can be seen just now
    } catch {
      complain("\(error)")
    }
    if !ship.letters.isEmpty { return }  // the next turn hears of the rest
    if ship.told == nil, let storage = ship.conditions.storage,
      storage.since < sea.uptime - .seconds(60)
    {
      complain("nobody was told that the storage is \(storage.trouble)")
    }
  }

  /// How many attempts each run has, and how many of them succeeded: of all runs at once, since this is
  /// asked after every turn.
  private func attemptsByRun(
    _ transaction: ReadTransaction
  ) throws -> [Int64: (count: Int, succeeded: Int)] {
    let rows = try Row.fetchAll(
      transaction.db.cachedStatement(
        sql: """
          SELECT run, count(*) AS attempts, count(*) FILTER (WHERE outcome = 'succeeded') AS succeeded
          FROM attempt GROUP BY run
          """))
    return rows.reduce(into: [:]) { $0[$1["run"]] = ($1["attempts"], $1["succeeded"]) }
  }

  /// When all is calm.
  func judgeTheEnd(_ ship: Ship) {
    do {
      let (debts, running, reload, storage) = try ship.store.read {
        (
          try $0.runs.debts(), try $0.runs.running(), try $0.service.fact(.reloadError),
          ship.conditions.storage
        )
      }
      // What fell due in the last turn is begun in the next one.
      let end = sea.highest - .minutes(2)
      let owed = debts.map(\.slot).filter { $0.time < end }
      if !owed.isEmpty { complain("owed in the end: \(owed)") }
      if !running.isEmpty { complain("running in the end: \(running.map(\.slot))") }
      if let reload { complain("the warning stays: \(reload.text)") }
      if let storage { complain("the storage is still said to be \(storage.trouble)") }
      // Every minute from the start has its one end, down the chain where it succeeded.
      let minutes = ((born ?? sea.highest) - Self.start).milliseconds / 60_000 + 1
      var time = Self.start + .minutes(minutes)
      while time < end {
        let fetch = Slot(job: JobName("fetch")!, time: time)
        let row = try ship.store.read { try $0.runs.run(fetch) }
        if row?.state.isFinal != true {
          complain("\(fetch) came to no end: \(row?.state.rawValue ?? "no row")")
        }
        // What would have followed a run under a clock that was ahead was withdrawn.
        if row?.state == .succeeded, row?.ahead == nil {
          let compute = Slot(job: JobName("compute")!, time: time)
          let row = try ship.store.read { try $0.runs.run(compute) }
          if row?.state.isFinal != true {
            complain("\(compute) came to no end: \(row?.state.rawValue ?? "no row")")
          }
        }
        time = time + .minutes(1)
      }
    } catch {
      complain("\(error)")
    }
  }
}

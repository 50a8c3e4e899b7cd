import Domain
import Scheduler

/// Shows what became of the slots of a simulation.
struct SimulationView {
  private let schedule: Schedule
  private let rows: [(slot: Slot, row: MemoryLedger.Row)]
  private let job: JobName?
  private let clock: Clock

  /// Shows all jobs, or one, with slots in order of time, then of the file.
  init(of schedule: Schedule, _ ledger: MemoryLedger, job: JobName?, clock: Clock) {
    (self.schedule, self.job, self.clock) = (schedule, job, clock)
    let places = Dictionary(
      uniqueKeysWithValues: schedule.jobs.enumerated().map { ($1.name, $0) })
    let chosen = ledger.rows.filter { job == nil || $0.key.job == job }
    rows = chosen.map { ($0.key, $0.value) }.sorted { a, b in
      (a.slot.time, places[a.slot.job] ?? 0) < (b.slot.time, places[b.slot.job] ?? 0)
    }
  }

  /// One line for each slot.
  var slots: Table {
    var table = Table("SLOT (\(clock.zone.name))", "JOB", "STATE", "STARTED", ">LATE", "REASON")
    for (slot, row) in rows {
      table.add(
        clock.text(slot.time), slot.job.text, row.state.rawValue,
        row.started.map(clock.text) ?? "", row.started.map { ($0 - slot.time).rounded } ?? "",
        row.reason ?? "")
    }
    return table
  }

  /// How many slots of each job ended in each state.
  var totals: Table {
    var table = Table(
      "JOB", ">SLOTS", ">SUCCEEDED", ">FAILED", ">TIMED-OUT", ">SKIPPED", ">COALESCED", ">MISSED",
      ">OWED")
    for (job, states) in counts {
      func count(_ states: RunState..., of all: [RunState: Int]) -> String {
        "\(states.compactMap { all[$0] }.reduce(0, +))"
      }
      table.add(
        job.text, "\(states.values.reduce(0, +))", count(.succeeded, of: states),
        count(.failed, of: states), count(.timedOut, of: states), count(.skipped, of: states),
        count(.coalesced, of: states), count(.missed, of: states),
        count(.deferred, .interrupted, of: states))
    }
    return table
  }

  /// The jobs in the order of the file, with their states.
  private var counts: [(JobName, [RunState: Int])] {
    var counts: [JobName: [RunState: Int]] = [:]
    for (slot, row) in rows { counts[slot.job, default: [:]][row.state, default: 0] += 1 }
    return schedule.jobs.filter { job == nil || $0.name == job }
      .map { ($0.name, counts[$0.name] ?? [:]) }
  }

  /// All of it for machines; a summary leaves the slots out.
  func json(_ simulation: ScheduleSimulation, isSummary: Bool) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("schema", .string("carillon.schedule.simulate/1")),
      .init("from", .string("\(simulation.start)")), .init("to", .string("\(simulation.end)")),
      .init(
        "jobs",
        .array(
          counts.map { job, states in
            .object([
              .init("job", .string(job.text)),
              .init("slots", .number(states.values.reduce(0, +))),
              .init(
                "states",
                .object(
                  RunState.allCases.compactMap { state in
                    states[state].map { .init(state.rawValue, .number($0)) }
                  })),
            ])
          })),
    ]
    if !isSummary { members.append(.init("slots", .array(rows.map(Self.json)))) }
    return .object(members)
  }

  private static func json(_ slot: Slot, _ row: MemoryLedger.Row) -> JSONValue {
    .object([
      .init("slot", .string("\(slot.time)")), .init("job", .string(slot.job.text)),
      .init("state", .string(row.state.rawValue)), .init("trigger", .string(row.trigger.rawValue)),
      .init("reason", row.reason.map { .string($0) } ?? .null),
      .init("started", row.started.map { .string("\($0)") } ?? .null),
      .init("late_ms", row.started.map { .number(($0 - slot.time).milliseconds) } ?? .null),
    ])
  }
}

import Dashboard
import Domain
import Scheduler
import Store

/// What fires next, what the last reload changed, and what would become of the next day.
enum SchedulePage {
  /// The span of the drawing and of the simulation.
  private static let shownSpan = TimeSpan.hours(24)
  /// Jobs of the drawing, and slots of the span that are looked at, at most.
  private static let shownJobs = 12
  private static let maximumFires = 2000

  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    let clock = query.clock
    let schedule = try source.schedule()
    let count = query.number("n", in: 1...200, standard: 40)
    var facts = Facts()
    facts.add("File", schedule.file)
    facts.add("Zone of the file", schedule.zone.name)
    facts.add("Jobs", "\(schedule.jobs.count)")
    facts.add("Time zones", ZoneDatabase.version ?? "unknown")
    let fires = schedule.upcoming(from: source.now, count: maximumFires)
    var table = DataTable(
      "Next \(count) slots", ["When", .number("In"), "Job", "Why"], empty: "nothing will run")
    for fire in fires.prefix(count) {
      table.add(
        clock.shown(fire.at), HTML(escaping: (fire.at - source.now).coarse),
        .link("/jobs", fire.job.text), HTML(escaping: fire.why))
    }
    let soon = fires.filter { $0.at <= source.now + shownSpan }
    let rows = schedule.jobs.map { job in
      (name: job.name.text, times: soon.filter { $0.job == job.name }.map(\.at))
    }
    let line = FireLine(
      "The next 24 hours", over: source.now...source.now + shownSpan,
      rows: Array(rows.filter { !$0.times.isEmpty }.prefix(shownJobs)), clock: clock)
    let warnings = schedule.warnings + schedule.warnings(now: source.now)
    let notes = (schedule.chainNotes + warnings.map { "\($0)" })
      .map { "<li class=\"wrap\">\($0)</li>" as HTML }.joined
    let broken: HTML? = source.facts.reloadError.map { error in
      """
      <h2>\(Standing.warning.shown("The file is not followed"))</h2><p>since \
      \(clock.shown(error.since)); the schedule before it stays active</p><pre>\(error.text)</pre>
      """
    }
    let simulated: HTML =
      try query.values["simulate"] == nil
      ? "<p><a href=\"/schedule?simulate=24h\">Simulate the next 24 hours</a></p>"
      : simulation(schedule, source, isLong: soon.count == maximumFires)
    return """
      \(facts.html)\(broken)<ul>\(notes)</ul>\(line.html)\(simulated)\
      \(try difference(source, clock))\(table.html)
      """
  }

  /// What the last reload changed.
  private static func difference(_ source: PageSource, _ clock: PageClock) throws -> HTML {
    guard let last = try source.store.read({ try $0.service.fact(.scheduleDifference) }) else {
      return ""
    }
    let words = last.text.isEmpty ? "nothing that fires or is treated otherwise" : last.text
    return "<h2>What the last reload changed, \(clock.shown(last.since))</h2><pre>\(words)</pre>"
  }

  /// What would become of each slot of the span, with nothing going wrong and runs of a second.
  private static func simulation(
    _ schedule: Schedule, _ source: PageSource, isLong: Bool
  ) throws -> HTML {
    guard !isLong else {
      return """
        <p class="dim">Too many slots for a page: <code>carillon schedule simulate --from T --to T\
        </code></p>
        """
    }
    let ledger = try ScheduleSimulation(schedule, from: source.now, to: source.now + shownSpan)
      .run()
    var counts: [JobName: [RunState: Int]] = [:]
    for (slot, row) in ledger.rows { counts[slot.job, default: [:]][row.state, default: 0] += 1 }
    var table = DataTable(
      "Simulated: the next 24 hours, where nothing goes wrong", ["Job", .number("Slots"), "Become"])
    for job in schedule.jobs {
      let states = counts[job.name] ?? [:]
      let words = RunState.allCases.compactMap { state in
        states[state].map { "\($0) \(state.rawValue)" }
      }
      table.add(
        .link("/jobs", job.name.text), "\(states.values.reduce(0, +))",
        HTML(escaping: words.joined(separator: ", ")))
    }
    return """
      \(table.html)<p class="dim">With downtimes, failures and steps of the clock: \
      <code>carillon schedule simulate</code></p>
      """
  }
}

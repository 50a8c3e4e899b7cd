import Dashboard
import Domain
import Scheduler
import Store

/// Slots as marks.
enum JobMarks {
  /// A row of marks that is read as one sentence.
  static func summary(_ runs: some Sequence<RunRecord>) -> HTML {
    var (marks, counts): (HTML, [String: Int]) = ("", [:])
    for run in runs {
      let standing = run.state.standing
      marks += "<b class=\"\(standing.rawValue)\">\(standing.shape)</b>"
      counts[run.state.rawValue, default: 0] += 1
    }
    let words = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      .joined(separator: ", ")
    return """
      <span class="cells" role="img" aria-label="\(words.isEmpty ? "none" : words)">\(marks)</span>
      """
  }

  /// A list of marks that lead to their runs, oldest first.
  static func grid(_ runs: [RunRecord], _ clock: PageClock) -> HTML {
    let cells = runs.reversed().map { run -> HTML in
      let standing = run.state.standing
      let words = "\(run.state) \(clock.text(run.slot.time))"
      return """
        <li><a class="\(standing.rawValue)" href="/runs/\(run.id)" title="\(words)" \
        aria-label="\(words)">\(standing.shape)</a></li>
        """
    }.joined
    return "<ol class=\"grid\">\(cells)</ol>"
  }
}

/// All jobs, with their newest slots as a grid.
enum JobsPage {
  /// Slots of a job that are shown.
  private static let shownSlots = 48
  /// Cells of a page: with many jobs each has fewer.
  private static let maximumCells = 300

  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    let jobs = source.jobs
    let slots = max(6, min(shownSlots, maximumCells / max(1, jobs.count)))
    return try source.store.read { transaction in
      var table = DataTable(
        "Jobs and their last \(slots) slots, oldest first",
        ["Job", "State", "Slots", "When", "Last success", "Next"])
      for (job, health) in jobs {
        let runs = try transaction.runs.history(job: job.name, limit: slots)
        table.add(
          .link("/jobs", job.name.text), health.state.shown, JobMarks.grid(runs, query.clock),
          HTML(escaping: job.reason), query.clock.shown(health.lastSuccess, or: "never"),
          query.clock.shown(source.next(job, health), or: "follows"))
      }
      let legend = [RunState.succeeded, .failed, .missed, .skipped, .running].map { state -> HTML in
        let words =
          switch state {
          case .failed: "failed or timed out"
          case .skipped: "skipped or coalesced"
          case .running: "running or owed"
          default: state.rawValue
          }
        return "<li>\(state.standing.shown(words))</li>"
      }.joined
      return "<ul class=\"legend\">\(legend)</ul>\(table.html)"
    }
  }
}

/// One job: how it stands, how long it takes, and what became of its slots.
enum JobPage {
  private static let shownRuns = 50
  private static let shownFires = 10

  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    let clock = query.clock
    guard let name = JobName(query.subject),
      let (job, health) = source.jobs.first(where: { $0.0.name == name })
    else { return nil }
    let schedule = try source.schedule()
    let fires = schedule.upcoming(from: source.now, count: shownFires, job: name)
    return try source.store.read { transaction in
      let failedOnly = query.values["failed"] == "1"
      let runs = try transaction.runs.history(
        job: name, limit: shownRuns, failedOnly: failedOnly)
      let durations = DurationSample(
        try transaction.runs.lastDurations(name, limit: LearnedDurations.learnedRuns))
      var facts = Facts()
      facts.add("State", health.state.shown)
      facts.add("Kind", job.kind.rawValue)
      facts.add("When", job.reason)
      facts.add("Last success", clock.shown(health.lastSuccess, or: "never"))
      facts.add("Stale after", clock.shown(health.staleAfter, or: "never"))
      facts.add("Takes (median)", durations.within(0.5)?.description)
      facts.add("Takes (95 %)", durations.within(0.95)?.description)
      facts.add("Time-out", "\(job.policy.timeout)")
      var table = DataTable(
        failedOnly ? "Runs that failed" : "Newest runs",
        ["Slot", "State", "Trigger", .number("Attempts"), .number("Took"), "Result or reason"])
      for run in runs {
        table.add(
          "<a href=\"/runs/\(run.id)\">\(clock.text(run.slot.time))</a>", run.state.shown,
          HTML(escaping: run.trigger.rawValue), "\(run.attempts)",
          HTML(escaping: run.duration.map { "\($0)" } ?? ""),
          "<span class=\"wrap\">\(run.reason ?? run.result ?? "")</span>")
      }
      var next = DataTable("Next slots", ["When", .number("In")], empty: "none: it is paused")
      for fire in fires {
        next.add(clock.shown(fire.at), HTML(escaping: (fire.at - source.now).coarse))
      }
      let other: HTML =
        failedOnly
        ? "<a href=\"/jobs/\(PercentEncoding.encoded(name.text, .path))\">all runs</a>"
        : "<a href=\"/jobs/\(PercentEncoding.encoded(name.text, .path))?failed=1\">only those that failed</a>"
      return """
        \(facts.html)<p>\(health.explanation(now: source.now))</p>\
        \(ActionForms.job(name, health, source, query))\
        \(JobMarks.grid(Array(runs.prefix(48)), clock))<p>\(other)</p>\(table.html)\(next.html)
        <p class="dim">On the command line: <code>carillon job run \(name.text)</code>, \
        <code>carillon job pause \(name.text)</code>, <code>carillon why \(name.text)</code></p>
        """
    }
  }
}

/// One run: attempts, neighbours in the chain, and what it printed.
enum RunPage {
  /// Of a long log, the last so many bytes are shown.
  static let shownLogBytes = 32 * 1024
  /// Parts of the output that are read at most.
  private static let maximumParts = 2000

  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    let clock = query.clock
    guard let id = Int64(query.subject) else { return nil }
    let schedule = try source.schedule()
    return try source.store.read { transaction -> HTML? in
      guard let run = try transaction.runs.run(id) else { return nil }
      let detail = try RunDetail(run, schedule, transaction)
      var facts = Facts()
      facts.add("Job", .link("/jobs", run.slot.job.text))
      facts.add("Slot", clock.shown(run.slot.time))
      facts.add("State", run.state.shown)
      facts.add("Trigger", run.trigger.rawValue)
      facts.add("Started", clock.shown(run.started, or: "not yet"))
      facts.add("Ended", clock.shown(run.ended, or: "not yet"))
      facts.add("Took", run.duration?.description)
      facts.add("Latest start", clock.shown(detail.deadline, or: "none"))
      var attempts = DataTable(
        "Attempts", [.number("Attempt"), "Started", "Ended", "Outcome", "Reason"])
      for attempt in detail.attempts {
        attempts.add(
          "\(attempt.number)", clock.shown(attempt.started), clock.shown(attempt.ended, or: ""),
          HTML(escaping: attempt.outcome?.rawValue ?? "under way"),
          "<span class=\"wrap\">\(attempt.reason ?? "")</span>")
      }
      let reason: HTML? = run.reason.map { "<h2>Reason</h2><pre>\($0)</pre>" }
      let result: HTML? = run.result.map { "<h2>Result</h2><pre>\($0)</pre>" }
      return """
        \(facts.html)\(ActionForms.run(run, source, query))\(reason)\(result)\(attempts.html)
        \(chain("What it needed (same slot)", detail.parents, clock))\
        \(chain("What follows it (same slot)", detail.followers, clock))
        <h2>Log</h2>\(try log(run.id, transaction))
        <p class="dim">On the command line: <code>carillon job show \(run.id)</code>, \
        <code>carillon job log \(run.id)</code>, <code>carillon why \("\(run.slot)")</code></p>
        """
    }
  }

  private static func chain(_ title: String, _ runs: [RunRecord], _ clock: PageClock) -> HTML {
    guard !runs.isEmpty else { return "" }
    var table = DataTable(title, ["Job", "State", "Ended", "Result or reason"])
    for run in runs {
      table.add(
        "<a href=\"/runs/\(run.id)\">\(run.slot.job.text)</a>", run.state.shown,
        clock.shown(run.ended, or: ""),
        "<span class=\"wrap\">\(run.reason ?? run.result ?? "")</span>")
    }
    return table.html
  }

  private static func log(_ run: Int64, _ transaction: ReadTransaction) throws -> HTML {
    var bytes: [UInt8] = []
    var isCut = false
    for part in try transaction.output.parts(of: run, limit: maximumParts) {
      bytes += part.bytes
      if bytes.count > 2 * shownLogBytes {
        bytes.removeFirst(bytes.count - shownLogBytes)
        isCut = true
      }
    }
    if bytes.count > shownLogBytes {
      bytes.removeFirst(bytes.count - shownLogBytes)
      isCut = true
    }
    guard !bytes.isEmpty else {
      return "<p class=\"dim\">it printed nothing, or its output is not kept any more</p>"
    }
    let note: HTML = isCut ? "<p class=\"dim\">the end of it</p>" : ""
    return """
      \(note)<pre tabindex="0" role="region" aria-label="Log">\
      \(String(decoding: bytes, as: UTF8.self))</pre>
      """
  }
}

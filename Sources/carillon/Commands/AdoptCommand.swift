import ArgumentParser
import Domain
import Jobs
import Scheduler
import Service
import Settings
import Store

/// `carillon adopt`
struct AdoptCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt",
    abstract: "Take an account at an exchange over after its database was lost or put back.",
    discussion: """
      The exchange is asked for every order of ours that the ledger does not know: of the symbols of the \
      ledger, of the jobs, and of whatever lies there. Their ids are made again from schedule, slots, \
      instruments and legs, and they are booked with their trades where they belong. What no slot explains, \
      and what does not add up after it, is shown (exit 1) and blocks the account until --accept books it \
      as an adjustment, with your reason. It tells what it took of the exchange's budget, and how long.
      """)

  @Argument(
    help: ArgumentHelp(
      "The account or the rebalance job; needed where there are several.",
      valueName: "account-or-job"), completion: Completions.job)
  var subject: String?

  @Option(
    help: "How far back slots are tried, like 30d (default: to the newest order on record, or 90d)."
  )
  var since: String?

  @Flag(help: "Book what no slot explains, and what does not add up.")
  var accept = false

  @Option(help: "Why, for the record; needed with --accept.")
  var reason: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  /// How far back slots are tried where there is nothing on record.
  private static let standardSpan = TimeSpan.days(90)

  func validate() throws {
    if accept, (reason ?? "").isEmpty {
      throw ValidationError("--accept needs --reason: what explains the difference")
    }
    if let since, TimeSpan(since) == nil {
      throw SpanMistake.error("--since", since, like: "30d")
    }
  }

  func work(on worker: WorkerThread) async throws {
    let workspace = try Workspace(global)
    let schedule = try workspace.schedule()
    let jobs = try Daemon.jobs(of: schedule, try workspace.catalog())
    let chosen = try PlannedJobs(jobs).named(subject, to: "adopt")
    guard let job = chosen[0].job as? any AdoptingJob, let account = job.account,
      chosen.allSatisfy({ $0.job.account == account })
    else {
      throw Fault(
        "adopt", subject ?? "an account", cause: "there are several accounts",
        remedy: "name one: carillon adopt ACCOUNT", exit: .usage)
    }
    let time = SystemTime()
    let lock = try ProcessLock.acquire(
      beside: workspace.settings.database, purpose: "carillon adopt", now: time.now)
    let store = try Store.open(workspace.settings.database, mode: .create)
    try refuseBesideRuns(chosen.map(\.name), store)
    let report = try await job.adopt(
      OrderSearch(
        account: account,
        slots: try slots(of: chosen.map(\.name), schedule, account, store, now: time.now)),
      in: store, time: time, acceptance: accept ? reason : nil, log: workspace.logger())
    try store.close()
    withExtendedLifetime(lock) {}
    show(report)
    if report.needsAcceptance { throw leave(.no) }
  }

  private func refuseBesideRuns(_ names: [JobName], _ store: Store) throws {
    let running = try store.read { try $0.runs.running() }
    for run in running where names.contains(run.slot.job) {
      guard let holder = run.holder, try ProcessLock.isAlive(holder, beside: store.path) else {
        continue
      }
      throw Fault(
        "adopt", "\(run.slot.job)", cause: "it is running", remedy: "wait for its end",
        exit: .tryAgain, isTransient: true)
    }
  }

  /// The scheduled slots of the time that was lost.
  private func slots(
    of names: [JobName], _ schedule: Schedule, _ account: String, _ store: Store, now: Instant
  ) throws -> [JobName: [Instant]] {
    let newest = try store.read { try $0.orders.latest(account, limit: 1).first?.created }
    // The newest order may be older than slots that sent nothing: a day more costs nothing.
    var from: Instant = now - Self.standardSpan
    if let newest { from = newest - .days(1) }
    if let span = since.flatMap({ TimeSpan($0) }) { from = now - span }
    var slots: [JobName: [Instant]] = [:]
    for name in names {
      var found: [Instant] = []
      var next = schedule.cadence(of: name)?.next(after: from)
      while let slot = next, slot <= now {
        found.append(slot)
        next = schedule.cadence(of: name)?.next(after: slot)
      }
      slots[name] = found.reversed()
    }
    return slots
  }

  private func show(_ report: AdoptionReport) {
    if output.json { return Console.out(report.json) }
    var table = Table("ORDER", "SIDE", "SYMBOL", "QUANTITY", "STATE", "PLACED", "SLOT")
    for one in report.found {
      table.add(
        one.order.id.text, one.order.side.rawValue, "\(one.order.key.symbol)",
        "\(one.order.quantity)", "\(one.order.state)", "\(one.placed)",
        one.isMatched ? "\(one.order.key.slot)" : "none explains it")
    }
    if !report.found.isEmpty { output.print(table) }
    for difference in report.differences {
      Console.out(
        "\(difference.asset): the ledger has \(difference.ledger), the exchange \(difference.venue)"
          + (report.isBooked ? ", booked as an adjustment" : ""))
    }
    guard !output.plain else { return }
    let matched = report.found.count(where: \.isMatched)
    Console.out(
      report.found.isEmpty && report.differences.isEmpty
        ? "nothing is missing: ledger and exchange agree"
        : "\(report.found.count) orders that the ledger did not know, \(matched) of them explained")
    Console.out(
      "\(report.symbols) symbols asked at \(report.place), weight \(report.weight), "
        + "\(report.took.milliseconds) ms")
    if report.needsAcceptance {
      Console.say(
        "the account stays blocked until this is accepted: "
          + "carillon adopt \(report.account) --accept --reason TEXT")
    }
  }
}

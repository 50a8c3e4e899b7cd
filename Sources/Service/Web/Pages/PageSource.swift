import Dashboard
import Domain
import Scheduler
import Settings
import Store

/// What pages are made from: the open database, and what the process was started with. It blocks.
struct PageSource: Sendable {
  let store: Store
  let survey: HealthSurvey
  /// The settings; nil in tests of what needs none.
  let settings: Settings?
  let mode: String
  let version: String
  let now: Instant
  /// Whether this process only looks at what another does.
  var isObserver = false
  /// The address of the service, where things are done.
  var actAt: String?
  /// What health knows, looked at once for a page.
  let facts: HealthFacts
  let health: HealthReport

  init(
    store: Store, survey: HealthSurvey, settings: Settings?, mode: String, version: String,
    storage: StorageNote?, now: Instant
  ) {
    (self.store, self.survey, self.settings) = (store, survey, settings)
    (self.mode, self.version, self.now) = (mode, version, now)
    var facts = survey.look(store, now: now)
    facts.storage = storage ?? facts.storage
    self.facts = facts
    health = HealthReport(of: facts)
  }

  /// The schedule that is followed.
  ///
  /// - Throws: a `Fault` where there is none.
  func schedule() throws -> Schedule {
    if let schedule = facts.schedule { return schedule }
    throw facts.databaseFault
      ?? Fault(
        "show", "the schedule", cause: facts.scheduleTrouble ?? "there is none",
        remedy: "carillon schedule check", exit: .configuration)
  }

  /// What stands around a page's content.
  func frame(_ title: String, place: String, _ query: PageQuery) -> PageFrame {
    let status = health.status
    let word =
      switch status {
      case .pass: "all is well"
      case .warn: "to be looked at"
      case .fail: "work is not being done"
      }
    var frame = PageFrame(
      title: title, place: place, mode: mode, standing: (status.standing, word),
      halt: facts.halt.map { "since \(query.clock.text($0.since)): \($0.text)" }, version: version,
      time: now, clock: query.clock)
    frame.person = query.session.map { ActionForms.person($0) }
    frame.address = query.address
    if isObserver { frame.notice = notice(place, query) }
    return frame
  }

  /// What a process that only looks says of itself and of the service.
  private func notice(_ place: String, _ query: PageQuery) -> HTML {
    let link: HTML? = actAt.flatMap { $0.isEmpty ? nil : $0 }.map {
      " <a href=\"\($0 + place)\">To act, go to the service</a>."
    }
    guard !facts.scheduler.isHeld, facts.databaseFault == nil else {
      return "<p>These pages only show.\(link)</p>"
    }
    let since = facts.scheduler.lastTurn.map { " since \(query.clock.shown($0))" as HTML }
    let how: HTML =
      switch facts.wasStopped {
      case true?: ": it was stopped"
      case false?: ": it ended without a word"
      case nil: ""
      }
    return """
      <p role="status">\(Standing.bad.shown("The service is not running"))\(since)\(how). \
      These pages show what it left.\(link)</p>
      """
  }

  /// The account that a page is about: the one named, else the first.
  func account(_ query: PageQuery, _ transaction: ReadTransaction) throws -> Account? {
    let all = try transaction.accounts.all()
    guard let name = query.values["account"] else { return all.first }
    return all.first { $0.name == name }
  }

  /// Links to the accounts, where there are several.
  func accountLinks(
    _ path: String, chosen: String, _ transaction: ReadTransaction
  ) throws -> HTML {
    let all = try transaction.accounts.all()
    guard all.count > 1 else { return "" }
    let links = all.map { account -> HTML in
      let current: HTML = account.name == chosen ? " aria-current=\"true\"" : ""
      let address = "\(path)?account=\(PercentEncoding.encoded(account.name))"
      return "<a href=\"\(address)\"\(current)>\(account.name)</a>"
    }.joined
    return "<nav class=\"tabs\" aria-label=\"Account\">\(links)</nav>"
  }

  /// What stands on a page about an account while there is none.
  static let noAccount: HTML =
    "<p class=\"dim\">No account yet: the first rebalance opens it (<code>carillon job run --chain fetch</code>).</p>"
}

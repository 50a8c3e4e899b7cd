import Domain
import Store

/// What health says of what guards against the loss of the machine: the shipping of the log, and the
/// drill.
enum BackupHealth {
  /// So much later than it should, the log may be shipped or sent.
  static let shippingGrace = TimeSpan.minutes(2)
  /// So long a cut of the history is warned of.
  static let cutMemory = TimeSpan.days(1)
  /// A drill that was longer ago proves little: once a month is usual.
  static let drillAge = TimeSpan.days(35)

  /// The checks: of what is there.
  static func checks(_ facts: HealthFacts) -> [HealthCheck] {
    var checks: [HealthCheck] = []
    if let shipping = facts.shipping, facts.scheduler.isHeld {
      checks.append(self.shipping(shipping, facts))
    }
    if let drill = drill(facts) { checks.append(drill) }
    return checks
  }

  private static func shipping(_ state: ShippingState, _ facts: HealthFacts) -> HealthCheck {
    let now = facts.now
    let allowed = state.interval * 3 + shippingGrace
    func check(_ status: HealthCheck.Status, _ text: String, since: Instant?, _ next: String?)
      -> HealthCheck
    {
      HealthCheck("shipping", .datastore, status, text, since: since, next: next)
    }
    if let trouble = state.trouble {
      return check(
        .warn, "the log is not shipped since \(trouble.since): \(trouble.words)",
        since: trouble.since, "look at the disk of the database, and at the log of carillon run")
    }
    // One who has just started has told nothing yet.
    guard let through = state.through else {
      return check(.pass, "nothing shipped yet", since: nil, nil)
    }
    let began = max(through, facts.scheduler.heldSince ?? through)
    guard now - began <= allowed else {
      return check(
        .warn, "the log was last shipped at \(through) (\((now - through).rounded) ago)",
        since: through, "restart carillon run; its log tells what the shipper waits for")
    }
    if let remote = state.remoteThrough, through - remote > allowed {
      return check(
        .warn,
        "the log was last sent away at \(remote) (\((now - remote).rounded) ago): what came since is "
          + "lost with this machine", since: remote,
        "carillon snapshot push tells what is wrong with the remote")
    }
    if let cut = state.lastCut, now - cut < cutMemory {
      return check(
        .warn, "the history of the shipped log has a hole before \(cut): it had grown too long",
        since: cut, "carillon snapshot create closes it")
    }
    let sent = state.remoteThrough.map { ", sent away up to \(words(now - $0))" } ?? ""
    return check(.pass, "shipped up to \(words(now - through))\(sent)", since: nil, nil)
  }

  private static func words(_ age: TimeSpan) -> String {
    age > .zero ? "\(age.rounded) ago" : "just now"
  }

  /// The drill, where there was one.
  private static func drill(_ facts: HealthFacts) -> HealthCheck? {
    if let failed = facts.drillFailed {
      return HealthCheck(
        "drill", .datastore, .warn, "the last drill failed: \(failed.text)", since: failed.since,
        next: "carillon snapshot drill")
    }
    guard let drilled = facts.drilled else { return nil }
    let age = facts.now - drilled.since
    let isOld = age > drillAge
    return HealthCheck(
      "drill", .datastore, isOld ? .warn : .pass,
      "\(drilled.text) was brought back and proved \(words(age))",
      since: isOld ? drilled.since : nil,
      next: isOld ? "carillon snapshot drill; as a job: with: { task: drill }" : nil)
  }
}

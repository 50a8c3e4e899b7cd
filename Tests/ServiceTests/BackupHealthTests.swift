import Domain
import Service
import Store
import Testing

/// What health says of the shipping of the log and of the drill.
@Suite struct BackupHealthTests {
  typealias Case = HealthReportTests.Case

  static func at(_ text: String) -> Instant { HealthReportTests.at(text) }

  /// A shipping every ten seconds, that has come so far.
  static func shipping(_ through: Instant, _ remote: Instant?) -> ShippingState {
    var state = ShippingState(interval: .seconds(10))
    (state.through, state.remoteThrough) = (through, remote)
    return state
  }

  static let cases: [Case] = [
    // What guards against the loss of the machine. It ships every 10 s: late after 30 s and 2 m.
    Case(
      title: "the log is shipped and sent away",
      change: { facts in
        facts.shipping = shipping(facts.now - .seconds(150), facts.now - .seconds(290))
      },
      status: .pass, findings: [:]),
    Case(
      title: "the log is not shipped in time",
      change: { facts in facts.shipping = shipping(facts.now - .seconds(151), nil) },
      status: .warn,
      findings: ["shipping": "the log was last shipped at 2026-11-20T14:05:00Z (2m31s ago)"]),
    Case(
      title: "a service that has just started has not shipped yet",
      change: { facts in
        facts.shipping = shipping(facts.now - .days(3), nil)
        facts.scheduler = .init(
          isHeld: true, heldSince: facts.now - .seconds(1), lastTurn: facts.now - .seconds(1))
      }, status: .pass, findings: [:]),
    Case(
      title: "the log is shipped, and not sent away",
      change: { facts in facts.shipping = shipping(facts.now, facts.now - .seconds(151)) },
      status: .warn, findings: ["shipping": "what came since is lost with this machine"]),
    Case(
      title: "the shipper has a trouble",
      change: { facts in
        facts.shipping = shipping(facts.now, nil)
        facts.shipping?.trouble = .init("no room", since: at("14:00:00"))
      }, status: .warn,
      findings: ["shipping": "the log is not shipped since 2026-11-20T14:00:00Z: no room"]),
    Case(
      title: "history was cut today",
      change: { facts in
        facts.shipping = shipping(facts.now, nil)
        facts.shipping?.lastCut = at("03:00:00")
      }, status: .warn, findings: ["shipping": "has a hole before 2026-11-20T03:00:00Z"]),
    Case(
      title: "history was cut the day before",
      change: { facts in
        facts.shipping = shipping(facts.now, nil)
        facts.shipping?.lastCut = facts.now - .days(1)
      }, status: .pass, findings: [:]),
    Case(
      title: "a drill of last month",
      change: { $0.drilled = .init("S0001", since: $0.now - .days(35)) }, status: .pass,
      findings: [:]),
    Case(
      title: "a drill of long ago",
      change: { $0.drilled = .init("S0001", since: $0.now - .days(35) - .seconds(1)) },
      status: .warn, findings: ["drill": "S0001 was brought back and proved"]),
    Case(
      title: "a drill that failed",
      change: { facts in
        facts.drilled = .init("S0001", since: facts.now - .days(1))
        facts.drillFailed = .init("it was swapped", since: at("04:00:00"))
      }, status: .warn, findings: ["drill": "the last drill failed: it was swapped"]),
  ]

  @Test(arguments: cases) func decides(_ example: Case) throws { try example.check() }
}

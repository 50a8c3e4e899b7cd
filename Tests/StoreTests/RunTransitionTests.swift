import Domain
import Testing

@testable import Store

@Suite("The states of a run")
struct RunTransitionTests {
  /// Each arrow that exists, as DESIGN's promise 1 has it: a slot begins by a claim, as a debt, or
  /// with an end that needs no attempt; a run ends or becomes a debt; a debt is tried again or ends.
  static let arrows: [(RunState?, RunState)] = [
    (nil, .running), (nil, .deferred), (nil, .skipped), (nil, .coalesced), (nil, .missed),
    (.running, .succeeded), (.running, .failed), (.running, .timedOut), (.running, .skipped),
    (.running, .deferred), (.running, .interrupted),
    (.deferred, .running), (.deferred, .failed), (.deferred, .skipped), (.deferred, .coalesced),
    (.deferred, .missed),
    (.interrupted, .running), (.interrupted, .failed), (.interrupted, .skipped),
    (.interrupted, .coalesced), (.interrupted, .missed),
  ]

  @Test func theseArrowsAndNoOther() {
    for from in [nil] + RunState.allCases.map(Optional.some) {
      for to in RunState.allCases {
        let exists = Self.arrows.contains { $0 == (from, to) }
        #expect(
          RunTransition.isLegal(from: from, to: to) == exists,
          "\(from?.rawValue ?? "none") -> \(to)")
      }
    }
  }

  @Test(arguments: RunState.allCases) func onlyForceLeavesAFinalState(from: RunState) {
    for to in RunState.allCases {
      let exists =
        from.isFinal ? to == .running : RunTransition.isLegal(from: from, to: to)
      #expect(RunTransition.isLegal(from: from, to: to, force: true) == exists)
    }
  }

  @Test func theLedgerRefusesWhatTheTableDoesNotHold() throws {
    let database = TestDatabase()
    let store = try database.open()
    for state in [RunState.running, .succeeded, .failed, .timedOut, .interrupted] {
      let found = fault {
        try store.write(at: at(1)) {
          try $0.runs.record(slot("a", 60), trigger: .cron, state: state, reason: nil)
        }
      }
      #expect(found?.exit == .internal)
    }
    #expect(try store.read { try $0.runs.history(job: nil, limit: 9) }.isEmpty)
  }
}

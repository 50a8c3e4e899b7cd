import Domain
import Foundation
import Testing

@testable import Store

/// Every arrow of the table walked through the ledger, and the document held against the table.
@Suite("The life of a run")
struct RunLifecycleTests {
  /// An arrow from one state (nil: no row) to another.
  struct Arrow: Hashable, CustomStringConvertible {
    var from: RunState?
    var to: RunState

    var description: String { "\(from?.rawValue ?? "no row") -> \(to)" }
  }

  static let arrows = RunTransition.followers.flatMap { from, followers in
    followers.map { Arrow(from: from, to: $0) }
  }.sorted { $0.description < $1.description }

  @Test(arguments: arrows) func anArrowThatExistsIsWalked(_ arrow: Arrow) throws {
    let life = try Life()
    try life.begin(in: arrow.from, willCrash: arrow.from?.isDebt == true && arrow.to == .failed)
    try life.move(to: arrow.to, from: arrow.from)
    #expect(try life.state == arrow.to)
  }

  /// Whatever is asked of the ledger in a state, the state after it is the same or one that the table
  /// allows.
  @Test(arguments: [nil] + RunState.allCases.map(Optional.some))
  func noOtherArrowIsWalked(_ from: RunState?) throws {
    var seen: Set<RunState> = []
    for wish in Life.Wish.all {
      let life = try Life()
      try life.begin(in: from)
      do { try life.ask(wish) } catch let fault as Fault {
        #expect(fault.exit == .internal, "\(wish) of \(from?.rawValue ?? "no row"): \(fault)")
      }
      guard let state = try life.state else {
        #expect(from == nil)
        continue
      }
      if state != from { seen.insert(state) }
    }
    #expect(seen.isSubset(of: RunTransition.followers[from] ?? []))
  }

  @Test func theDocumentHoldsTheTable() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/JOB_LIFECYCLE.md")
    let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: "|").map { $0.filter { $0 != "`" && $0 != " " } } }
      .filter { $0.count == 4 && RunState(rawValue: $0[1]) != nil }
    let told = try rows.map { row in
      let from = row[0] == "norow" ? nil : RunState(rawValue: row[0])
      return Arrow(from: from, to: try #require(RunState(rawValue: row[1])))
    }
    #expect(Set(told) == Set(Self.arrows))
    #expect(told.count == Self.arrows.count)
  }
}

/// One slot and what is asked of the ledger about it.
private struct Life {
  /// Something that a process can ask of the ledger.
  enum Wish: CustomStringConvertible {
    case claim(late: Bool)
    case record(RunState)
    case finish(RunState)

    static var all: [Wish] {
      [.claim(late: false), .claim(late: true)] + RunState.allCases.map(Wish.record)
        + RunState.allCases.map(Wish.finish)
    }

    var description: String {
      switch self {
      case .claim(let late): late ? "a late claim" : "a claim"
      case .record(let state): "the record of \(state)"
      case .finish(let state): "the end \(state)"
      }
    }
  }

  let database = TestDatabase()
  let store: Store
  let lock: ProcessLock
  let slot = Slot(job: job("a"), time: at(60))

  init() throws {
    store = try database.open()
    lock = try database.lock()
  }

  var state: RunState? { get throws { try store.read { try $0.runs.run(slot)?.state } } }

  /// Brings the slot into a state, by way of attempts that took their process down if it will crash.
  func begin(in state: RunState?, willCrash: Bool = false) throws {
    if willCrash {
      for _ in 0..<RetryPolicy.minimumCrashAttempts {
        let mortal = try database.lock()
        // As a job that was allowed more attempts then.
        let claim = try store.write(at: at(61)) {
          try $0.runs.claim(firing("a", 60, retries: 9), holder: mortal.holder)
        }
        guard case .claimed = claim else { throw Unexpected(claim: claim) }
        withExtendedLifetime(mortal) {}
      }
    }
    switch state {
    case nil: break
    case .running: try ask(.claim(late: false))
    case .interrupted where willCrash:
      _ = try store.write(at: at(62)) { try $0.runs.reap() }
    case .deferred where willCrash:
      let claim = try store.write(at: at(62)) {
        try $0.runs.claim(firing("a", 60, retries: 9), holder: lock.holder)
      }
      guard case .claimed = claim else { throw Unexpected(claim: claim) }
      try ask(.finish(.deferred))
    case .deferred, .coalesced, .missed: try ask(.record(state ?? .deferred))
    case .interrupted, .succeeded, .failed, .timedOut, .skipped:
      try ask(.claim(late: false))
      try ask(.finish(state ?? .succeeded))
    }
    guard try self.state == state else { throw Unexpected(claim: nil) }
  }

  /// Walks an arrow in the way in which the program does.
  func move(to state: RunState, from: RunState?) throws {
    switch (from, state) {
    case (.running, _): try ask(.finish(state))
    case (_, .running), (_, .failed): try ask(.claim(late: false))
    default: try ask(.record(state))
    }
  }

  func ask(_ wish: Wish) throws {
    try store.write(at: at(70)) { transaction in
      switch wish {
      case .claim(let late):
        _ = try transaction.runs.claim(
          firing("a", 60, latest: late ? 65 : nil), holder: lock.holder)
      case .record(let state):
        try transaction.runs.record(slot, trigger: .cron, state: state, reason: "a test")
      case .finish(let state):
        let run = try transaction.runs.run(slot)
        try transaction.runs.finish(
          run: run?.id ?? 1, attempt: run?.attempts ?? 1, state: state)
      }
    }
  }

  struct Unexpected: Error {
    var claim: Claim?
  }
}

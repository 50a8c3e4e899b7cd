import Domain
import Testing

@testable import Store

/// What people ask of the service, and the rows of failures that its answers go by.
@Suite struct RequestTests {
  private let database = TestDatabase()

  @Test func aRequestIsAnsweredOnce() throws {
    let store = try database.open()
    let id = try store.write(at: at(1)) { try $0.requests.append("pause", "fetch", detail: "{}") }
    // One that says the same stands for it.
    #expect(
      try store.write(at: at(2)) { try $0.requests.append("pause", "fetch", detail: "{}") } == id)
    let other = try store.write(at: at(3)) { try $0.requests.append("pause", "fetch", detail: nil) }
    #expect(try store.read { try $0.requests.open().map(\.id) } == [id, other])
    #expect(try store.write(at: at(4)) { try $0.requests.answer(id, .done, "it rests") })
    #expect(try !store.write(at: at(5)) { try $0.requests.answer(id, .refused, "too late") })
    let answered = try #require(try store.read { try $0.requests.request(id) })
    #expect(answered.outcome == .done && answered.answer == "it rests")
    #expect(answered.answered == at(4))
    #expect(answered.created == at(1))
    #expect(try store.read { try $0.requests.open().map(\.id) } == [other])
    #expect(
      try store.read { try $0.requests.latest(verb: "pause", subject: "fetch", limit: 1) }
        .map(\.id) == [other])
  }

  @Test func noMoreThanSoManyWait() throws {
    let store = try database.open()
    try store.write(at: at(1)) { transaction in
      for n in 0..<RequestTable<WriteTransaction>.maximumOpen {
        _ = try transaction.requests.append("pause", "job\(n)", detail: nil)
      }
    }
    let full = fault {
      try store.write(at: at(2)) { try $0.requests.append("pause", "one-more", detail: nil) }
    }
    #expect(full?.exit == .tryAgain)
    #expect(try store.read { try $0.requests.open().count } == 100)
  }

  @Test func answeredOnesAreForgottenWhenOldOrTooMany() throws {
    let store = try database.open()
    let day: Int64 = 86_400
    func ask(_ subject: String, answeredAt time: Int64) throws {
      let id = try store.write(at: at(time)) {
        try $0.requests.append("pause", subject, detail: nil)
      }
      try store.write(at: at(time)) { _ = try $0.requests.answer(id, .done, "x") }
    }
    func count() throws -> Int {
      try store.read { transaction in
        try (1...3000).filter { try transaction.requests.request($0) != nil }.count
      }
    }
    try ask("old", answeredAt: 0)
    try ask("young", answeredAt: day)
    // 30 days and a second after the first, less than that after the second.
    try ask("new", answeredAt: 30 * day + 1)
    #expect(try count() == 2)
    for n in 0..<1100 { try ask("n\(n)", answeredAt: 30 * day + 2) }
    #expect(try count() == 1000)
  }

  /// A row of failures: since the newest success, without what a person cancelled or was not tried.
  @Test(
    arguments: [
      ([], 0), (["failed"], 1), (["failed", "timed-out"], 2), (["failed", "succeeded"], 0),
      (["succeeded", "failed"], 1), (["failed", "succeeded", "failed", "failed"], 2),
      (["failed", "skipped", "failed"], 2), (["failed", "missed", "deferred"], 1),
      (["failed", "cancelled", "failed"], 2), (["cancelled"], 0),
    ] as [([String], Int)])
  func rowsOfFailures(_ ends: [String], _ count: Int) throws {
    let store = try database.open()
    let lock = try database.lock()
    var ids: [Int64] = []
    for (index, end) in ends.enumerated() {
      let slot = slot("fetch", Int64(index))
      try store.write(at: at(100 + Int64(index))) { transaction in
        let isCancelled = end == "cancelled"
        let state = isCancelled ? RunState.failed : try #require(RunState(rawValue: end))
        if [.skipped, .missed, .deferred].contains(state) {
          try transaction.runs.record(slot, trigger: .cron, state: state, reason: "x")
          return
        }
        let claim = try transaction.runs.claim(firing("fetch", Int64(index)), holder: lock.holder)
        guard case .claimed(let run, let attempt) = claim else {
          Issue.record("not claimed: \(claim)")
          return
        }
        if state != .succeeded, !isCancelled { ids.append(run) }
        try transaction.runs.finish(
          run: run, attempt: attempt, state: state,
          reason: isCancelled ? "why" : "HTTP 503", cause: isCancelled ? .cancelled : .fault)
      }
    }
    #expect(try store.read { try $0.runs.failureRow(job("fetch")) } == ids.suffix(count))
  }
}

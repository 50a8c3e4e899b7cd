import Domain
import Glibc
import Synchronization
import Testing

@testable import Store

/// Who must not be held up is not: neither by writers of this process, nor by those of another, nor
/// by readers. Each test would never end if it were.
@Suite("A store that answers promptly", .timeLimit(.minutes(1))) struct PromptStoreTests {
  let database = TestDatabase()

  private static func refusal(_ body: () throws -> Void) -> Fault? {
    do { try body() } catch let fault as Fault { return fault } catch { Issue.record(error) }
    return nil
  }

  /// Holds a place until the test lets go.
  private final class Holder: Sendable {
    private let stage = Mutex(0)

    /// Returns once the body of a thread of its own has called what it is given.
    init(_ body: @escaping @Sendable (_ hold: () -> Void) throws -> Void) throws {
      try PlainThread { [self] in
        do {
          try body {
            self.set(1); self.wait(for: 2)
          }
        } catch { Issue.record(error) }
        set(3)
      }
      wait(for: 1)
    }

    func letGo() {
      set(2)
      wait(for: 3)
    }

    private func set(_ value: Int) { stage.withLock { $0 = value } }

    private func wait(for value: Int) { while stage.withLock({ $0 < value }) { sched_yield() } }
  }

  @Test func givesUpBesideATransactionOfItsOwnProcess() throws {
    let store = try database.open(busyTimeoutSeconds: 0.02)
    let prompt = try store.promptly()
    let holder = try Holder { hold in try store.write(at: at(0)) { _ in hold() } }
    let fault = Self.refusal {
      try prompt.write(at: at(1)) { try $0.audit.append("note", "early") }
    }
    #expect(fault?.storage == .busy && fault?.isTransient == true)
    #expect(Self.refusal { _ = try prompt.setBackForTest(at: at(1)) }?.storage == .busy)
    #expect(try prompt.read { try $0.audit.latest(limit: 9) }.isEmpty)
    holder.letGo()
    try prompt.write(at: at(2)) { try $0.audit.append("note", "late") }
    #expect(try prompt.read { try $0.audit.latest(limit: 9) }.map(\.text) == ["late"])
    try store.close()
  }

  @Test func givesUpBesideATransactionOfAnotherProcess() throws {
    let store = try database.open(busyTimeoutSeconds: 0.02)
    let other = try database.open()
    let prompt = try store.promptly()
    let holder = try Holder { hold in try other.write(at: at(0)) { _ in hold() } }
    let fault = Self.refusal {
      try prompt.write(at: at(1)) { try $0.audit.append("note", "early") }
    }
    #expect(fault?.storage == .busy)
    holder.letGo()
    try prompt.write(at: at(2)) { try $0.audit.append("note", "late") }
    try store.close()
    try other.close()
  }

  @Test func readsBesideReadersThatHaveAllPlaces() throws {
    let store = try database.open()
    let prompt = try store.promptly()
    let holders = try (0..<Store.maximumReaders).map { _ in
      try Holder { hold in try store.read { _ in hold() } }
    }
    #expect(try prompt.read { try $0.audit.latest(limit: 9) }.isEmpty)
    for holder in holders { holder.letGo() }
    try store.close()
  }

  /// The patience of others is what it was: the prompt one sets the connection's for itself alone.
  @Test func leavesThePatienceOfOthersAlone() throws {
    let store = try database.open(busyTimeoutSeconds: 3600)
    let other = try database.open()
    let prompt = try store.promptly()
    let holder = try Holder { hold in try other.write(at: at(0)) { _ in hold() } }
    #expect(Self.refusal { try prompt.write(at: at(1)) { _ in } }?.storage == .busy)
    let waits = Mutex(true)
    let patient = Mutex<Fault?>(nil)
    try PlainThread {
      let fault = Self.refusal { try store.write(at: at(1)) { _ in } }
      patient.withLock { $0 = fault }
      waits.withLock { $0 = false }
    }
    holder.letGo()
    while waits.withLock({ $0 }) { sched_yield() }
    #expect(patient.withLock { $0 } == nil)
    try store.close()
    try other.close()
  }

  @Test func whoIsInAHurryIsSeatedBeforeACrowd() throws {
    let seat = WriterSeat()
    let order = Mutex<[String]>([])
    seat.take()
    let ended = Atomic<Int>(0)
    for _ in 0..<4 {
      try PlainThread {
        seat.take()
        order.withLock { $0.append("patient") }
        seat.leave()
        ended.add(1, ordering: .sequentiallyConsistent)
      }
    }
    while seat.waiting.patient < 4 { sched_yield() }
    try PlainThread {
      if seat.take(within: .hours(1)) != nil {
        order.withLock { $0.append("hurried") }
        seat.leave()
      }
      ended.add(1, ordering: .sequentiallyConsistent)
    }
    while seat.waiting.hurried < 1 { sched_yield() }
    #expect(seat.take(within: .milliseconds(1)) == nil)
    seat.leave()
    while ended.load(ordering: .sequentiallyConsistent) < 5 { sched_yield() }
    #expect(order.withLock { $0 } == ["hurried"] + Array(repeating: "patient", count: 4))
  }
}

extension Store {
  /// What goes without a look at references waits no longer than the rest.
  fileprivate func setBackForTest(at now: Instant) throws -> Bool {
    try writeWithoutReferences(at: now) { _ in true }
  }
}

import Domain
import Logging
import Scheduler
import Store
import Testing

@testable import Service

@Suite struct LedgerOutboxTests {
  private func slot(_ job: String, _ minute: Int64) -> Slot {
    Slot(job: JobName(job)!, time: .epoch + .minutes(minute))
  }

  private func start(_ minute: Int64) -> PlannerAction {
    .start(
      Firing(
        slot: slot("fetch", minute), trigger: .cron, policy: JobPolicy(kind: .fetch)))
  }

  private func record(_ minute: Int64, _ job: String = "fetch") -> PlannerAction {
    .record(slot(job, minute), .cron, .missed, reason: RunReason(.late, "late"))
  }

  /// The sizes of the batches, `s` for claims, `r` for records, `n` for notes.
  private func batches(_ outbox: LedgerOutbox) -> String {
    var (outbox, found) = (outbox, "")
    while let batch = outbox.next {
      switch batch {
      case .starts: found += "s\(batch.count) "
      case .records: found += "r\(batch.count) "
      case .marks: found += "m\(batch.count) "
      case .note: found += "n\(batch.count) "
      }
      outbox.removeFirst(batch.count)
    }
    return found
  }

  @Test func batchesNeverChangeTheOrder() {
    var outbox = LedgerOutbox()
    outbox.add([start(1), start(2), record(3), start(4)])
    outbox.add(.audit("kind", "text"))
    outbox.add([record(5), record(6)])
    outbox.add(.fact(.reloadError, nil))
    outbox.add((0..<1500).map { record($0) })
    #expect(batches(outbox) == "s2 r1 s1 n1 r2 n1 r1000 r500 ")
  }

  @Test func aStopTurnsStartsIntoDebtsInTheirPlace() {
    var outbox = LedgerOutbox()
    outbox.add([record(1), start(2), record(3)])
    #expect(outbox.deferStarts() == [slot("fetch", 2)])
    guard case .records(let records)? = outbox.next else {
      Issue.record("all are records now")
      return
    }
    #expect(records.map(\.state) == [.missed, .deferred, .missed])
  }

  /// A night of standing still is a line for each job, not one for each slot.
  @Test func manySlotsOfAJobAreToldInOneLine() {
    typealias Record = (slot: Slot, trigger: Trigger, state: RunState, reason: RunReason)
    let few: [Record] = (1...3).map {
      (slot("infer", $0), .cron, .missed, RunReason(.late, "late \($0)"))
    }
    let many: [Record] = (1...400).map {
      (slot("fetch", $0), .cron, .coalesced, RunReason(.late, "late \($0)"))
    }
    #expect(RecordedSlots.lines(of: few).map(\.text) == (1...3).map { "missed: late \($0)" })
    let lines = RecordedSlots.lines(of: few + many)
    #expect(lines.count == 4)
    #expect(lines.last?.text == "coalesced: 400 slots; the last: late 400")
    #expect(lines.last?.metadata["from"] == "1970-01-01T00:01:00Z")
    #expect(lines.last?.metadata["to"] == "1970-01-01T06:40:00Z")
  }
}

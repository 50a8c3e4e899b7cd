import Domain
import Logging

/// How slots that ended without a run are told in the log: a few of a job one by one, many in one line,
/// since after a night of standing still there are thousands.
struct RecordedSlots {
  /// So many slots of one job and state have a line each.
  static let toldOneByOne = 3

  /// One line of the log.
  struct Line {
    var state: RunState
    var text: String
    var metadata: Logger.Metadata
  }

  /// What is told of slots that were missed, an alert for each job.
  static func alerts(
    of records: [(slot: Slot, trigger: Trigger, state: RunState, reason: RunReason)]
  ) -> [Alert] {
    let missed = Dictionary(grouping: records.filter { $0.state == .missed }, by: \.slot.job)
    return missed.sorted { $0.key < $1.key }.compactMap { job, records in
      guard let last = records.max(by: { $0.slot < $1.slot }) else { return nil }
      let count = records.count == 1 ? "a slot was" : "\(records.count) slots were"
      return Alert(
        .jobMissed, of: job.text, "\(count) missed, the last \(last.slot): \(last.reason)",
        remedy: "carillon job history \(job)")
    }
  }

  /// The lines of slots that were recorded together, in the order of their first slots.
  static func lines(
    of records: [(slot: Slot, trigger: Trigger, state: RunState, reason: RunReason)]
  ) -> [Line] {
    struct Kind: Hashable {
      var job: JobName
      var state: RunState
    }
    var order: [Kind] = []
    var slots: [Kind: [(time: Instant, reason: RunReason)]] = [:]
    for (slot, _, state, reason) in records {
      let kind = Kind(job: slot.job, state: state)
      if slots[kind] == nil { order.append(kind) }
      slots[kind, default: []].append((slot.time, reason))
    }
    return order.flatMap { kind -> [Line] in
      let all = (slots[kind] ?? []).sorted { $0.time < $1.time }
      guard all.count > toldOneByOne, let first = all.first, let last = all.last else {
        return all.map {
          Line(
            state: kind.state, text: "\(kind.state): \($0.reason)",
            metadata: ["job": "\(kind.job)", "slot": "\($0.time)"])
        }
      }
      return [
        Line(
          state: kind.state, text: "\(kind.state): \(all.count) slots; the last: \(last.reason)",
          metadata: [
            "job": "\(kind.job)", "from": "\(first.time)", "to": "\(last.time)",
          ])
      ]
    }
  }
}

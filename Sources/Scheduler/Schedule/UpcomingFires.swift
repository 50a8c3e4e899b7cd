public import Domain
import HeapModule

/// A slot to come, for `schedule next`.
public struct UpcomingFire: Hashable, Sendable {
  /// The slot.
  public var at: Instant
  /// The job.
  public var job: JobName
  /// What makes it due: `cron "1 * * * *" UTC`, `after compute`.
  public var why: String
}

extension Schedule {
  /// The next slots of all jobs of their own cadence, in one list by time, strictly after an
  /// instant; of equal times, in the order of the file. Jobs that the file pauses have none.
  ///
  /// - Parameters:
  ///   - time: Where to begin.
  ///   - count: How many; fewer where cadences end.
  ///   - job: Only the slots of this job. Of one that follows others, the slots at which it falls
  ///     due if all goes well.
  public func upcoming(from time: Instant, count: Int, job: JobName? = nil) -> [UpcomingFire] {
    let chosen =
      job.map { name in self[name].map { [$0] } ?? [] } ?? jobs.filter { $0.cadence != nil }
    let wanted = chosen.filter { !$0.paused }
    var heap = Heap(
      wanted.enumerated().compactMap { index, job in
        cadence(of: job.name)?.next(after: time).map { Turn(time: $0, index: index) }
      })
    var fires: [UpcomingFire] = []
    while fires.count < count, let turn = heap.popMin() {
      let job = wanted[turn.index]
      fires.append(UpcomingFire(at: turn.time, job: job.name, why: job.reason))
      if let next = cadence(of: job.name)?.next(after: turn.time) {
        heap.insert(Turn(time: next, index: turn.index))
      }
    }
    return fires
  }

  /// What follows each head, one line for each that has followers:
  /// `compute → infer → rebalance follow each fetch`.
  public var chainNotes: [String] {
    jobs.filter { $0.cadence != nil }.compactMap { head in
      let names = descendants(of: head.name).map(\.text)
      guard !names.isEmpty else { return nil }
      let verb = names.count == 1 ? "follows" : "follow"
      return "\(names.joined(separator: " → ")) \(verb) each \(head.name)"
    }
  }
}

extension ScheduledJob {
  /// What makes it due, in words.
  public var reason: String {
    switch timing {
    case .head(let cadence): cadence.description
    case .after(let parents): "after " + parents.map(\.text).joined(separator: ", ")
    }
  }
}

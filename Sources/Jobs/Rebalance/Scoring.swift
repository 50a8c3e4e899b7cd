import Domain
import Store

/// The scores that a rebalance goes by, and which members have none.
struct Scoring {
  /// The slot of the scores.
  var slot: Slot
  /// The finite scores of members.
  var scores: [Symbol: Double] = [:]
  /// Why a member has no score.
  var silences: [Symbol: String] = [:]

  /// What was found: scores, or why there are none.
  enum Reading {
    /// The newest scores.
    case success(Scoring)
    /// There are none.
    case failure(String)
  }

  /// The newest scores of a job by a time.
  static func read(
    _ transaction: ReadTransaction, _ job: JobName, by time: Instant, _ members: [Symbol]
  ) throws -> Reading {
    guard let (slot, rows) = try transaction.predictions.latest(job, atOrBefore: time) else {
      return .failure("no scores of \(job) at or before the slot")
    }
    var scoring = Scoring(slot: slot)
    let members = Set(members)
    for row in rows where members.contains(row.series.symbol) {
      if let score = row.score, score.isFinite {
        scoring.scores[row.series.symbol] = score
      } else {
        scoring.silences[row.series.symbol] = row.reason ?? "no finite score"
      }
    }
    for symbol in members where scoring.scores[symbol] == nil && scoring.silences[symbol] == nil {
      scoring.silences[symbol] = "\(job) did not look at it"
    }
    return .success(scoring)
  }

  /// Why nothing is planned by these scores; nil when there are enough, and new enough.
  ///
  /// - Parameters:
  ///   - slot: the time of the rebalance.
  ///   - maximumAge: the oldest that scores may be.
  ///   - quorum: the least part of the members that must have a score.
  func refusal(slot: Instant, maximumAge: TimeSpan, quorum: Amount) -> String? {
    let job = self.slot.job
    guard slot - self.slot.time <= maximumAge else {
      return "the newest scores of \(job) are of \(self.slot.time)"
    }
    guard !scores.isEmpty else { return "\(job) abstained on every instrument" }
    let members = scores.count + silences.count
    // scores / members < quorum, in whole numbers: counts are far below what would overflow.
    if Amount(scores.count).units < quorum.units * Int128(members) {
      let first = silences.min { $0.key < $1.key }
      let example = first.map { " (\($0.key): \($0.value))" } ?? ""
      return "\(job) scored \(scores.count) of \(members) instruments, fewer than the quorum of "
        + "\(quorum)\(example)"
    }
    return nil
  }
}

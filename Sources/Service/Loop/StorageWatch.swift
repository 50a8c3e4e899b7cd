import Domain
import Jobs

/// How long the service lives with a storage that refuses: a value that is told what is wrong, and says
/// what others must be told and when the process must end.
struct StorageWatch {
  /// What to do.
  enum Answer: Equatable {
    /// Tell others what is wrong; nil that nothing is any more.
    case tell(Conditions.Storage?)
    /// End the process with this code.
    case end(ExitCode, Fault)
  }

  /// A database that is not where it was is no database of ours any more: who is asked about health
  /// says so for so long, then the process ends.
  static let lostGrace = TimeSpan.seconds(30)

  private let grace: TimeSpan
  private var told: Conditions.Storage?

  /// A watch that waits so long for a storage to mend.
  init(grace: TimeSpan) { self.grace = grace }

  /// Time has passed.
  mutating func look(_ storage: Conditions.Storage?, at uptime: TimeSpan) -> [Answer] {
    var answers: [Answer] = []
    if storage?.trouble != told?.trouble {
      told = storage
      answers.append(.tell(storage))
    }
    if let storage, uptime - storage.since >= limit(of: storage.trouble) {
      answers.append(.end(Self.exit(of: storage.trouble), storage.fault))
    }
    return answers
  }

  private func limit(of trouble: StorageTrouble) -> TimeSpan {
    trouble == .gone ? min(grace, Self.lostGrace) : grace
  }

  /// A lock that is never let go of is another's to mend, and worth another try; the rest is the disk.
  static func exit(of trouble: StorageTrouble) -> ExitCode { trouble == .busy ? .tryAgain : .io }
}

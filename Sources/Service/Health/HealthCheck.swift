public import Domain
public import Scheduler

/// One line of a health report.
public struct HealthCheck: Hashable, Sendable {
  /// How it stands.
  public enum Status: String, CaseIterable, Comparable, Sendable, CustomStringConvertible {
    /// All is well.
    case pass
    /// Somebody should look; work is being done.
    case warn
    /// Work is not being done.
    case fail

    /// Orders from good to bad.
    public static func < (a: Status, b: Status) -> Bool { a.badness < b.badness }

    /// The text on the screen.
    public var description: String { rawValue }

    private var badness: Int {
      switch self {
      case .pass: 0
      case .warn: 1
      case .fail: 2
      }
    }
  }

  /// What kind of thing is checked, in the words of the health+json draft.
  public enum Kind: String, Sendable {
    /// A part of Carillon.
    case component
    /// The database.
    case datastore
    /// The machine.
    case system
  }

  /// What is checked: `database`, or the job's name.
  public var name: String
  /// What kind of thing that is.
  public var kind: Kind
  /// How it stands.
  public var status: Status
  /// Why, in words.
  public var text: String
  /// Since when, where that is known.
  public var since: Instant?
  /// What to do next, preferably a command.
  public var next: String?
  /// The health of the job, when a job is checked.
  public var job: JobHealth?
  /// The job that it follows and that stands still too, when a job is checked.
  public var cause: JobName?

  /// A check of these parts.
  public init(
    _ name: String, _ kind: Kind, _ status: Status, _ text: String, since: Instant? = nil,
    next: String? = nil
  ) {
    (self.name, self.kind, self.status, self.text) = (name, kind, status, text)
    (self.since, self.next) = (since, next)
  }
}

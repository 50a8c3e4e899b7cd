public import Domain
import Settings
import StrictYAML
import Venues

extension JobCatalog {
  /// The longest that a venue's answers are waited for.
  public static let venueTimeout = TimeSpan.seconds(10)
  /// A clock that differs more from the venue's is worth a warning: signed requests would be refused.
  private static let clockTolerance = TimeSpan.seconds(1)

  /// Asks each venue that jobs fetch from what it has, and holds the listed symbols and the clock
  /// against the answers.
  public func examineVenues(
    of jobs: [(listing: JobListing, job: any Job)], time: any TimeSource
  ) async -> [SetupExamination] {
    var asked: [String: JobOutline] = [:]
    for entry in jobs {
      let outline = JobOutline(entry.listing, entry.job, settings)
      guard entry.job is FetchJob, let venue = outline.universe?.venue, asked[venue] == nil else {
        continue
      }
      asked[venue] = outline
    }
    var found: [SetupExamination] = []
    for (venue, outline) in asked.sorted(by: { $0.key < $1.key }) {
      guard let universe = outline.universe else { continue }
      do {
        found += try await Self.within(Self.venueTimeout, of: venue, time) {
          try await Self.ask(universe, outline, time)
        }
      } catch {
        found.append(
          SetupExamination(
            kind: .venues, subject: venue, fault: Self.fault(error, venue),
            place: outline.place(of: "venue")))
      }
    }
    return found
  }

  /// Asks the exchange of each account that trades at one what the account has there: whether its key is
  /// read, and taken.
  public func examineAccounts(
    of jobs: [(listing: JobListing, job: any Job)], time: any TimeSource
  ) async -> [SetupExamination] {
    var asked: [String: (job: RebalanceJob, outline: JobOutline)] = [:]
    for entry in jobs {
      guard let job = entry.job as? RebalanceJob, job.parameters.settings.execution != .paper
      else { continue }
      asked[job.parameters.account] = (job, JobOutline(entry.listing, job, settings))
    }
    var found: [SetupExamination] = []
    for (account, entry) in asked.sorted(by: { $0.key < $1.key }) {
      let place = entry.outline.place(of: "account")
      do {
        let words = try await Self.within(Self.venueTimeout, of: account, time) {
          try await entry.job.standing(time: time)
        }
        found.append(
          SetupExamination(kind: .accounts, subject: account, words: words, place: place))
      } catch {
        found.append(
          SetupExamination(
            kind: .accounts, subject: account, fault: Self.fault(error, account), place: place))
      }
    }
    return found
  }

  private static func ask(
    _ universe: Universe, _ outline: JobOutline, _ time: any TimeSource
  ) async throws -> [SetupExamination] {
    let known = try await universe.source.symbols()
    let set = Set(known)
    var found: [SetupExamination] = (universe.chosen ?? []).filter { !set.contains($0) }.map {
      symbol in
      let near = Spelling.nearest(symbol.description, among: known.map(\.description))
      return SetupExamination(
        kind: .venues, subject: universe.venue,
        fault: Fault(
          "find", symbol.description, cause: "\(universe.venue) does not have it",
          remedy: near.map { "did you mean `\($0)`?" }, exit: .data),
        place: outline.place(of: symbol))
    }
    var words = "it answers, and has \(known.count) symbols"
    let asked = time.now
    if let theirs = try await universe.source.serverTime() {
      let half = TimeSpan.milliseconds((time.now - asked).milliseconds / 2)
      let difference = theirs - (asked + half)
      words += ", its clock differs by \(difference.milliseconds) ms"
      if TimeSpan.milliseconds(Int64(difference.milliseconds.magnitude)) > clockTolerance {
        found.append(
          SetupExamination(
            kind: .venues, subject: universe.venue,
            fault: Fault(
              "trust", "the clock",
              cause: "it differs from that of \(universe.venue) by \(difference.milliseconds) ms",
              remedy: "set it by NTP: timedatectl set-ntp true", exit: .unavailable),
            isWarning: true, place: outline.place(of: "venue")))
      }
    }
    if found.isEmpty {
      found.append(
        SetupExamination(
          kind: .venues, subject: universe.venue, words: words, place: outline.place(of: "venue")))
    }
    return found
  }

  private static func fault(_ error: any Error, _ venue: String) -> Fault {
    error as? Fault
      ?? Fault("ask", venue, cause: "\(error)", remedy: "try again in a minute", exit: .unavailable)
  }

  /// The value of some work, or a fault when it takes longer.
  static func within<Value: Sendable>(
    _ limit: TimeSpan, of venue: String, _ time: any TimeSource,
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
      group.addTask(operation: work)
      group.addTask {
        try await time.sleep(for: limit)
        throw Fault(
          "ask", venue, cause: "no answer within \(limit)",
          remedy: "check the network and `base-url`, or leave venues out: carillon check --offline",
          exit: .unavailable, isTransient: true)
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else {
        preconditionFailure("a group of two has a first")
      }
      return first
    }
  }
}

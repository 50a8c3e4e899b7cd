public import Domain
public import Store

/// Halts trading, and lets it go on.
///
/// The file beside the database comes first, since it needs nothing but the folder; then the row, so
/// that the halt is on record with its reason. Either halts. To go on both must go, the row first: in
/// between, trading is still halted.
public struct Brake: Sendable {
  private let database: String
  /// The file.
  public var file: HaltFile { HaltFile(database: database) }

  /// The brake of a database.
  public init(database: String) { self.database = database }

  /// What became of one of the two.
  public enum Part: Hashable, Sendable {
    /// It halts since now.
    case begun
    /// It has halted before.
    case alreadyHalted(Halt)
    /// It could not be done.
    case failed(Fault)

    /// Whether it halts.
    public var halts: Bool { if case .failed = self { false } else { true } }
  }

  /// What a halt came to.
  public struct Report: Hashable, Sendable {
    /// The file beside the database.
    public var file: Part
    /// The row in the database.
    public var record: Part

    /// Whether trading is halted.
    public var isHalted: Bool { file.halts || record.halts }
  }

  /// Halts, as far as it can be done; never throws, since half a brake is better than none.
  ///
  /// - Parameters:
  ///   - reason: why.
  ///   - level: how far it goes; a halt in force is raised to it, and never lowered.
  ///   - source: who: `cli`, or a person on the dashboard.
  ///   - now: the time.
  public func halt(
    because reason: String, level: Halt.Level = .noNew, by source: String = "cli", at now: Instant
  ) -> Report {
    let before = file.halt
    let fileEnd: Part
    do {
      try file.make(reason: reason)
      fileEnd = before.map { .alreadyHalted($0) } ?? .begun
    } catch {
      fileEnd = .failed(error)
    }
    let report = Report(file: fileEnd, record: record(reason, level, source, now))
    RequestBell(database: database).ringIfHeard()
    return report
  }

  private func record(
    _ reason: String, _ level: Halt.Level, _ source: String, _ now: Instant
  ) -> Part {
    do {
      return try Self.writing(database, purpose: "carillon halt", now: now) { store in
        try store.write(at: now) { transaction in
          if let before = try transaction.halts.recorded(), before.level >= level {
            try transaction.audit.append("halt", "asked for again by \(source): \(reason)")
            return .alreadyHalted(before)
          }
          try transaction.halts.begin(level, reason: reason, source: source)
          return .begun
        }
      }
    } catch let fault as Fault {
      return .failed(fault)
    } catch {
      return .failed(Fault("record", "the halt", cause: "\(error)", exit: .internal))
    }
  }

  /// Ends the halt: of the row, then of the file.
  ///
  /// - Returns: what was in force; nil when nothing was.
  /// - Throws: what kept it from ending either; then trading stays halted.
  public func release(because reason: String, at now: Instant) throws -> Halt? {
    defer { RequestBell(database: database).ringIfHeard() }
    return try Self.writing(database, purpose: "carillon resume", now: now) { store in
      let before = try store.write(at: now) { transaction in
        let before = try transaction.halts.current()
        if try !transaction.halts.end(reason: reason), before != nil {
          try transaction.audit.append("resume", reason)
        }
        return before
      }
      try file.remove()
      return before
    }
  }

  /// Writes to a database under the lock that everything takes that writes: not during a restore,
  /// which would lose it.
  public static func writing<T>(
    _ database: String, purpose: String, now: Instant, _ body: (Store) throws -> T
  ) throws -> T {
    let lock = try ProcessLock.acquire(beside: database, purpose: purpose, now: now)
    let store = try Store.open(database, mode: .readWrite)
    let result: T
    do {
      result = try body(store)
    } catch {
      try store.close()
      throw error
    }
    try store.close()
    withExtendedLifetime(lock) {}
    return result
  }
}

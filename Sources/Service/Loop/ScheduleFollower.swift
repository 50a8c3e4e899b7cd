import Domain

/// Decides what becomes of a schedules file that is seen to change: a value that is told what was seen,
/// and says what to do. Whatever is seen, the schedule that is followed stays until a better one is read.
struct ScheduleFollower {
  /// What the files say.
  struct Contents: Hashable {
    /// The text of the schedules file.
    var text: String
    /// The texts of the calendars that it names, by path; nil where one cannot be read.
    var calendars: [String: String?] = [:]
  }

  /// What was seen.
  enum Sight: Hashable {
    /// The schedules file can be read.
    case contents(Contents)
    /// It cannot.
    case unreadable(Fault)
  }

  /// What to do.
  enum Answer: Hashable {
    /// Read this, and tell `followed` or `refused` what came of it.
    case follow(Contents)
    /// Warn that the file cannot be followed, and why.
    case refuse(String)
    /// Take the warning back: the file says again what is followed.
    case mended
  }

  /// What is followed.
  private(set) var active: Contents
  /// Why the file as it stands cannot be followed; nil when it can.
  private(set) var trouble: String?
  /// What was refused last, which need not be read again.
  private var refused: Contents?

  /// A follower of what was read at the start.
  init(_ active: Contents) { self.active = active }

  /// Something was seen.
  ///
  /// - Parameter isForced: a person wants it read, whatever it says.
  mutating func see(_ sight: Sight, isForced: Bool = false) -> Answer? {
    switch sight {
    case .unreadable(let fault):
      refused = nil
      guard isForced || trouble != fault.description else { return nil }
      trouble = fault.description
      return .refuse(fault.description)
    case .contents(let contents):
      if isForced { return .follow(contents) }
      if contents == active {
        refused = nil
        guard trouble != nil else { return nil }
        trouble = nil
        return .mended
      }
      return contents == refused ? nil : .follow(contents)
    }
  }

  /// What was read is followed from now on.
  mutating func followed(_ contents: Contents) {
    (active, refused, trouble) = (contents, nil, nil)
  }

  /// What was read has a mistake.
  mutating func refused(_ contents: Contents, because reason: String) {
    (refused, trouble) = (contents, reason)
  }
}

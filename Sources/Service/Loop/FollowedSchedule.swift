import Domain
import Scheduler
import StrictYAML

/// Looks at the schedules file and at the calendars of a user's own that it names: an edit of either
/// is an edit of the schedule.
struct FollowedSchedule {
  private var file: FollowedFile
  private var calendars: [String: FollowedFile] = [:]
  private var text: Result<String, Fault>?
  private var calendarTexts: [String: String?] = [:]

  private static let remedy = "put the file back; what it said last stays active"

  /// Follows a schedules file.
  init(path: String) { file = FollowedFile(path: path, remedy: Self.remedy) }

  /// The path of the schedules file.
  var path: String { file.path }

  /// Looks at the files; nil when all are as they were.
  ///
  /// - Parameters:
  ///   - isForced: reads them even when nothing seems to have changed.
  ///   - paths: the calendars to look at.
  mutating func look(isForced: Bool, calendars paths: Set<String>) -> ScheduleFollower.Sight? {
    var isNews = follow(paths)
    if let seen = file.look(isForced: isForced) {
      (text, isNews) = (seen, true)
    }
    for path in calendars.keys.sorted() {
      guard let seen = calendars[path]?.look(isForced: isForced) else { continue }
      // One that cannot be read is a mistake of the schedule, told when that is read.
      let content: String? = if case .success(let text) = seen { text } else { nil }
      if calendarTexts[path] != .some(content) { isNews = true }
      calendarTexts[path] = .some(content)
    }
    guard isNews, let text else { return nil }
    switch text {
    case .success(let text):
      return .contents(ScheduleFollower.Contents(text: text, calendars: calendarTexts))
    case .failure(let fault): return .unreadable(fault)
    }
  }

  /// Looks at these calendars from now on. Returns whether they are others than before.
  private mutating func follow(_ paths: Set<String>) -> Bool {
    guard Set(calendars.keys) != paths else { return false }
    for path in calendars.keys where !paths.contains(path) {
      calendars[path] = nil
      calendarTexts[path] = nil
    }
    for path in paths where calendars[path] == nil {
      calendars[path] = FollowedFile(path: path, remedy: Self.remedy)
    }
    return true
  }
}

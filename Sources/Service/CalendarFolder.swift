public import Calendars
import Disk
public import Domain
public import Scheduler
public import StrictYAML

/// Finds the calendars of a schedules file: the built-in ones by name, a user's own by a path from the
/// folder of the schedules file.
public struct CalendarFolder: Sendable {
  private let schedulesPath: String

  /// The calendars beside a schedules file.
  public init(beside schedulesPath: String) { self.schedulesPath = schedulesPath }

  /// The calendar that a schedules file gives as `calendar:`.
  ///
  /// - Throws: a `Fault` for an unknown name, a file that cannot be read, or a mistake in it, then
  ///   with its place.
  public func calendar(_ name: String) throws(Fault) -> TradingCalendar {
    guard Schedule.isCalendarFile(name) else { return try Schedule.builtInCalendar(name) }
    let path = resolve(name)
    let text = try TextFile.read(
      path, remedy: "paths of calendars begin at the folder of the schedules file")
    do {
      return try TradingCalendar(file: text, zones: ZoneDatabase.zone).ofUser(text: text)
    } catch {
      throw Fault(
        "read the calendar", "\(path):\(error.line):\(error.column)", cause: error.message,
        remedy: error.mend, exit: .configuration,
        location: SourceLocation(file: path, line: error.line, column: error.column))
    }
  }

  /// The path of a user's own calendar.
  func resolve(_ name: String) -> String {
    if name.hasPrefix("/") { return name }
    return FilePath.sibling(
      of: schedulesPath, named: name.hasPrefix("./") ? String(name.dropFirst(2)) : name)
  }
}

extension Schedule {
  /// Reads a schedules file whose calendars may be files beside it.
  ///
  /// - Parameters:
  ///   - text: its content.
  ///   - path: where it stands, for messages and for the calendars.
  /// - Throws: all mistakes of the file, those in its calendars among them.
  public static func parse(_ text: String, at path: String) throws(Diagnostics) -> Schedule {
    var calendars: Set<String> = []
    return try parse(text, at: path, calendars: &calendars)
  }

  /// Reads a schedules file, and notes the paths of the calendars of a user's own that it names: of a
  /// file with mistakes, those that were come to.
  static func parse(
    _ text: String, at path: String, calendars: inout Set<String>
  ) throws(Diagnostics) -> Schedule {
    let folder = CalendarFolder(beside: path)
    let asked = Asked()
    defer { calendars = asked.paths }
    return try parse(text, file: path) { (name: String) throws(Fault) in
      if Schedule.isCalendarFile(name) { asked.paths.insert(folder.resolve(name)) }
      return try folder.calendar(name)
    }
  }

  private final class Asked {
    var paths: Set<String> = []
  }
}

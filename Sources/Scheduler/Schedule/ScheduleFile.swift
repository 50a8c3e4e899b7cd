public import Calendars
public import Domain
public import StrictYAML

extension Schedule {
  /// The version of the file's format that this reader knows.
  public static let formatVersion = 1

  /// Reads a schedules file.
  ///
  /// - Parameters:
  ///   - text: Its content.
  ///   - file: Its name, for messages.
  ///   - calendars: The calendar of a name as the file gives it; the built-in ones unless given.
  ///     Asked once for each name. Who can read files hands in one that finds a user's calendars
  ///     too (see `isCalendarFile(_:)`).
  /// - Throws: All mistakes of the file, warnings among them. Those of a file without errors are in
  ///   `warnings`.
  public static func parse(
    _ text: String, file: String,
    calendars: @escaping (String) throws(Fault) -> TradingCalendar = Schedule.builtInCalendar
  ) throws(Diagnostics) -> Schedule {
    let root = try YAMLDocument.parse(text, file: file)
    let log = DiagnosticLog()
    if root["accounts"] != nil, root["jobs"] == nil {
      log.error(
        at: root, "this is a settings file, and a schedules file is wanted",
        mend: "name it with --config, and the schedules with --schedules")
      throw log.diagnostics
    }
    let reader = MappingReader(root, log: log)
    readVersion(reader)
    let zones = ZoneReader(log: log)
    let zone = zones.zone(reader, "timezone") ?? .utc
    var defaults = JobSettings()
    if let mapping = reader.mapping("defaults") {
      defaults = JobSettings(mapping)
      mapping.finish()
    }
    var entries: [JobEntry] = []
    if let list = reader.mapping("jobs", "`jobs`", required: true) {
      var jobs = JobEntryReader(
        defaults: defaults, zone: zone, zones: zones, calendars: calendars, log: log)
      for item in list.entries() { jobs.entry(item).map { entries.append($0) } }
      if let items = list.node.entries, items.isEmpty {
        log.error(at: list.node, "there are no jobs", mend: "add one: fetch: { every: 1h }")
      }
    }
    reader.finish()
    let jobs = ChainResolver(entries, log: log).resolve()
    guard !log.hasErrors else { throw log.diagnostics }
    return Schedule(
      file: file, zone: zone, jobs: jobs, warnings: log.diagnostics.items,
      contentHash: StableHash(text).digits)
  }

  private static func readVersion(_ reader: MappingReader) {
    guard let version = reader.integer("version", required: true), version != formatVersion,
      let node = reader.node["version"]
    else { return }
    reader.log.error(
      at: node, "version \(version) of the schedules format is not known",
      mend: "this Carillon reads version \(formatVersion)")
  }
}

/// Reads the names of time zones, which stand in two places of the file.
struct ZoneReader {
  let log: DiagnosticLog

  func zone(_ reader: MappingReader, _ key: String) -> Zone? {
    guard let node = reader.value(key),
      let name = log.value(
        of: node, named: key, expected: "a time zone like America/New_York", { $0 })
    else { return nil }
    do {
      return try ZoneDatabase.zone(name)
    } catch {
      log.error(at: node, "\(error.subject): \(error.cause)", mend: error.remedy)
      return nil
    }
  }
}

extension Schedule {
  /// The calendar of a name, of those that ship with the product, in the zones of this system.
  ///
  /// - Throws: A `Fault` that names the known ones.
  public static func builtInCalendar(_ name: String) throws(Fault) -> TradingCalendar {
    guard !isCalendarFile(name) else {
      throw Fault(
        "read the calendar", "`\(name.prefix(200))`", cause: "files cannot be read here",
        remedy: "use one of \(TradingCalendar.builtInNames.joined(separator: " "))",
        exit: .configuration)
    }
    return try TradingCalendar.named(name, zones: ZoneDatabase.zone)
  }

  /// Whether what stands behind `calendar:` is the path of a user's file: it begins with a slash or
  /// has a dot, which no name of a built-in calendar does.
  public static func isCalendarFile(_ name: String) -> Bool {
    name.hasPrefix("/") || name.contains(".")
  }
}

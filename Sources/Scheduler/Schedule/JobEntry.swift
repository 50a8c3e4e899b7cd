import Calendars
import Domain
import StrictYAML

/// One job as it stands in the file, before the names in it are looked up.
struct JobEntry {
  /// Its name and where that stands.
  var name: JobName
  var key: YAMLNode
  /// Nil when it is wrong, which is in the log.
  var kind: JobKind?
  var timing: Timing
  /// Where what makes it due stands.
  var timingLocation: SourceLocation
  var settings: JobSettings
  var group: String?
  var needs: [JobName: TimeSpan]
  /// Where the names in `needs` stand.
  var needed: [YAMLNode]
  var paused: Bool
  var parameters: YAMLNode?

  enum Timing {
    case head(Cadence)
    /// The names of the parents, where they stand.
    case after([YAMLNode])
    /// Wrong, which is in the log.
    case unknown
  }
}

/// Reads the jobs of the file one by one.
struct JobEntryReader {
  let defaults: JobSettings
  let zone: Zone
  let zones: ZoneReader
  let calendars: (String) throws(Fault) -> TradingCalendar
  let log: DiagnosticLog
  private var calendarsRead: [String: TradingCalendar] = [:]

  init(
    defaults: JobSettings, zone: Zone, zones: ZoneReader,
    calendars: @escaping (String) throws(Fault) -> TradingCalendar, log: DiagnosticLog
  ) {
    (self.defaults, self.zone, self.zones) = (defaults, zone, zones)
    (self.calendars, self.log) = (calendars, log)
  }

  mutating func entry(_ item: YAMLNode.Entry) -> JobEntry? {
    guard
      let name = log.value(
        of: item.key, named: item.key.text ?? "", expected: JobName.rule, { JobName($0) })
    else { return nil }
    if item.value.isNull {
      log.error(
        at: item.key, "job `\(name)` says nothing", mend: "say when it runs: \(name): { every: 1h }"
      )
      return nil
    }
    let reader = MappingReader(item.value, "job `\(name)`", log: log)
    let kind = readKind(reader, name: name, key: item.key)
    let timing = readTiming(reader, key: item.key)
    let settings = JobSettings(reader)
    let (needs, needed) = readNeeds(reader)
    let entry = JobEntry(
      name: name, key: item.key, kind: kind, timing: timing,
      timingLocation: timingLocation(reader) ?? item.key.location,
      settings: settings.filled(from: defaults), group: reader.name("group"), needs: needs,
      needed: needed, paused: reader.flag("paused") ?? false, parameters: readParameters(reader))
    reader.finish()
    if case .after = timing { warnOfIdleKeys(reader, name: name) }
    return entry
  }

  private func readKind(_ reader: MappingReader, name: JobName, key: YAMLNode) -> JobKind? {
    let node = reader.value("job")
    guard let text = node.map({ $0.text }) ?? name.text else {
      log.error(at: node ?? key, "`job` must be the name of a kind")
      return nil
    }
    if let kind = JobKind(rawValue: text) { return kind }
    let kinds = JobKind.allCases.map(\.rawValue)
    let all = kinds.joined(separator: ", ")
    let near = Spelling.nearest(text, among: kinds)
    if let node {
      log.error(
        at: node, "no kind named `\(text)`",
        mend: near.map { "did you mean `\($0)`?" } ?? "the kinds are \(all)")
    } else {
      let prefix = kinds.first { name.text.hasPrefix($0 + "-") }
      let mend =
        if let prefix { "say what it does: job: \(prefix)" } else if let near {
          "did you mean `\(near)`? Otherwise say what it does: job: KIND"
        } else { "say what it does: job: KIND, one of \(all)" }
      log.error(at: key, "`\(name)` is not the name of a kind", mend: mend)
    }
    return nil
  }

  private mutating func readTiming(_ reader: MappingReader, key: YAMLNode) -> JobEntry.Timing {
    let zone = zones.zone(reader, "timezone") ?? zone
    let calendar = readCalendar(reader)
    let cron = reader.value("cron")
    let every = reader.value("every")
    let after = reader.list("after")
    let given = ["cron", "every", "after"].filter { reader.contains($0) }
    guard given.count == 1 else {
      let name = key.text ?? ""
      if given.isEmpty {
        let near = (reader.node.entries ?? []).compactMap(\.key.text).lazy.compactMap { given in
          Spelling.nearest(given, among: ["cron", "every", "after"]).map { (given, $0) }
        }.first
        log.error(
          at: key, "job `\(name)` has none of `cron`, `every` and `after`",
          mend: near.map { "did you mean `\($1)` by `\($0)`?" } ?? "say when it runs")
      } else {
        let all = given.map { "`\($0)`" }.joined(separator: " and ")
        log.error(at: key, "job `\(name)` has \(all)", mend: "keep one of them")
      }
      return .unknown
    }
    if let cron {
      guard let text = log.value(of: cron, named: "cron", expected: "a text", { $0 }) else {
        return .unknown
      }
      return readCron(
        text, at: cron, zone: zone, calendar: calendar,
        hasCalendar: reader.contains("calendar"))
    }
    if let every {
      guard let text = log.value(of: every, named: "every", expected: "a text", { $0 }) else {
        return .unknown
      }
      return readEvery(text, at: every, reader: reader)
    }
    guard let after else { return .unknown }
    if after.isEmpty, let node = reader.value("after") {
      log.error(at: node, "`after` names no job", mend: "name one")
      return .unknown
    }
    return .after(after)
  }

  /// Where the first character of the expression stands, behind a quote.
  private func timingLocation(_ reader: MappingReader) -> SourceLocation? {
    let node = reader.node["cron"] ?? reader.node["every"] ?? reader.node["after"]
    return node?.text == nil ? node?.location : node?.location(ofCharacter: 0)
  }

  private mutating func readCalendar(_ reader: MappingReader) -> TradingCalendar? {
    guard let node = reader.value("calendar"),
      let name = log.value(of: node, named: "calendar", expected: "a calendar like XNYS", { $0 })
    else { return nil }
    if let known = calendarsRead[name] { return known }
    do {
      let calendar = try calendars(name)
      calendarsRead[name] = calendar
      return calendar
    } catch {
      log.error(at: node, "\(error.subject): \(error.cause)", mend: error.remedy)
      return nil
    }
  }

  private func readCron(
    _ text: String, at node: YAMLNode, zone: Zone, calendar: TradingCalendar?, hasCalendar: Bool
  ) -> JobEntry.Timing {
    do {
      if text.hasPrefix("open") || text.hasPrefix("close") {
        let trigger = try SessionTrigger(text)
        guard let calendar else {
          // One that cannot be read is in the log.
          if !hasCalendar {
            log.error(
              at: node, "`\(trigger)` needs a calendar", mend: "add one: calendar: XNYS")
          }
          return .unknown
        }
        return .head(.session(trigger, calendar: calendar))
      }
      let expression = try CronExpression(text)
      for warning in expression.warnings {
        log.add(
          Diagnostic(
            .warning, at: node.location(ofCharacter: warning.columns.lowerBound),
            length: warning.columns.count, warning.message))
      }
      return .head(.cron(expression, zone: zone, calendar: calendar))
    } catch {
      report(error, at: node)
      return .unknown
    }
  }

  private func readEvery(
    _ text: String, at node: YAMLNode, reader: MappingReader
  ) -> JobEntry.Timing {
    for key in ["timezone", "calendar"] {
      guard let idle = reader.node[key] else { continue }
      log.warning(
        at: idle, "`\(key)` has no effect on `every`, which counts from 1970 in UTC",
        mend: "use `cron`, or remove it")
    }
    do {
      return .head(.every(try Every(text)))
    } catch {
      report(error, at: node)
      return .unknown
    }
  }

  private func report(_ error: CronSyntaxError, at node: YAMLNode) {
    log.add(
      Diagnostic(
        at: node.location(ofCharacter: error.columns.lowerBound), length: error.columns.count,
        error.message, mend: error.mend))
  }

  private func readNeeds(_ reader: MappingReader) -> (spans: [JobName: TimeSpan], names: [YAMLNode])
  {
    guard let mapping = reader.mapping("needs") else { return ([:], []) }
    var spans: [JobName: TimeSpan] = [:]
    var names: [YAMLNode] = []
    for item in mapping.entries() {
      names.append(item.key)
      let name = log.value(
        of: item.key, named: "needs", expected: "names of jobs", { JobName($0) })
      let span = log.value(
        of: item.value, named: item.key.text ?? "", expected: "a span like 20m", { TimeSpan($0) })
      if let name, let span { spans[name] = span }
    }
    return (spans, names)
  }

  private func readParameters(_ reader: MappingReader) -> YAMLNode? {
    guard let node = reader.value("with"), !node.isNull else { return nil }
    guard node.entries != nil else {
      log.error(at: node, "`with` must be a mapping of keys to values, not \(node.noun)")
      return nil
    }
    return node
  }

  private func warnOfIdleKeys(_ reader: MappingReader, name: JobName) {
    for key in ["timezone", "calendar", "jitter", "catchup"] {
      guard let node = reader.node[key] else { continue }
      log.warning(
        at: node, "`\(key)` has no effect on `\(name)`, which follows another job",
        mend: "set it on the head of the chain, or remove it")
    }
  }
}

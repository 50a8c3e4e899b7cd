public import Domain
import Jobs
public import StrictYAML

/// What `carillon check` found: the whole set-up, every mistake at once.
public struct SetupReport: Sendable {
  /// The parts of a set-up, in the order in which they are told.
  public enum Area: String, CaseIterable, Sendable {
    /// `carillon.yaml` and the environment.
    case settings
    /// The schedules file, its calendars, its jobs, and what they are to each other.
    case schedules
    /// The database's file and folder.
    case database
    /// What is on record of the accounts, against the settings.
    case accounts
    /// The models that infer jobs read.
    case models
    /// The programs that jobs run.
    case programs
    /// The folders of snapshots.
    case snapshots
    /// The room on the disk.
    case disk
    /// Who is told what is wrong.
    case channels
    /// The sources of candles.
    case venues

    /// Whether a mistake of this kind stands in a file of the set-up.
    var isConfiguration: Bool { self == .settings || self == .schedules || self == .accounts }
  }

  /// One thing that was looked at.
  public struct Finding: Hashable, Sendable {
    /// Where it belongs.
    public var area: Area
    /// How it stands.
    public var status: HealthCheck.Status
    /// What was found, in words.
    public var text: String
    /// How to mend it.
    public var mend: String?
    /// Where it stands in a file, with the characters to underline.
    public var place: Diagnostic?

    /// A finding of these parts.
    public init(
      _ area: Area, _ status: HealthCheck.Status, _ text: String, mend: String? = nil,
      place: Diagnostic? = nil
    ) {
      (self.area, self.status, self.text, self.mend) = (area, status, text, mend)
      self.place = place
    }
  }

  /// All that was found.
  public private(set) var findings: [Finding] = []

  /// A report without findings.
  public init() {}

  /// Adds a finding.
  public mutating func add(_ finding: Finding) { findings.append(finding) }

  /// Adds the mistakes of a file.
  public mutating func add(_ area: Area, _ diagnostics: [Diagnostic]) {
    for item in diagnostics {
      add(
        Finding(
          area, item.severity == .error ? .fail : .warn, item.message, mend: item.mend, place: item)
      )
    }
  }

  /// Adds a fault.
  public mutating func add(
    _ area: Area, _ fault: Fault, status: HealthCheck.Status = .fail, at node: YAMLNode? = nil
  ) {
    let place = node.map { node in
      Diagnostic(
        status == .fail ? .error : .warning, at: node, "\(fault)", mend: fault.remedy)
    }
    let own = fault.location.map { Diagnostic(.error, at: $0, fault.cause, mend: fault.remedy) }
    add(Finding(area, status, "\(fault)", mend: fault.remedy, place: own ?? place))
  }

  /// How an area stands; nil where nothing was looked at.
  public func status(of area: Area) -> HealthCheck.Status? {
    findings.filter { $0.area == area }.map(\.status).max()
  }

  /// The mistakes that stand in files, to be drawn with their lines.
  public var diagnostics: Diagnostics { Diagnostics(findings.compactMap(\.place)) }

  /// The exit code: 0 with warnings at most, 78 when a file of the set-up is wrong, 1 when the files are
  /// right and what they name is not.
  public var exit: ExitCode {
    let failed = findings.filter { $0.status == .fail }
    if failed.isEmpty { return .done }
    return failed.contains { $0.area.isConfiguration } ? .configuration : .no
  }

  /// `2 errors, 1 warning`.
  public var summary: String {
    let errors = findings.count { $0.status == .fail }
    let warnings = findings.count { $0.status == .warn }
    if errors + warnings == 0 { return "all is well" }
    return [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }
      .map { $0 == 1 ? "1 \($1)" : "\($0) \($1)s" }.joined(separator: ", ")
  }

  /// The report for machines.
  public var json: JSONValue {
    let areas = Area.allCases.compactMap { area in
      status(of: area).map { JSONValue.Member(area.rawValue, .string($0.rawValue)) }
    }
    let items = findings.map { finding in
      JSONValue.object([
        .init("area", .string(finding.area.rawValue)),
        .init("status", .string(finding.status.rawValue)), .init("text", .string(finding.text)),
        .init("mend", .text(finding.mend)), .init("file", .text(finding.place?.location.file)),
        .init("line", finding.place.map { .number($0.location.line) } ?? .null),
        .init("column", finding.place.map { .number($0.location.column) } ?? .null),
      ])
    }
    return .object([
      .init("schema", .string("carillon.check/1")), .init("valid", .bool(exit == .done)),
      .init("areas", .object(areas)), .init("findings", .array(items)),
    ])
  }
}

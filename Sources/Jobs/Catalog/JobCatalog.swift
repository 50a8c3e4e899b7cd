public import Domain
public import Settings
public import StrictYAML
import Venues

/// Makes jobs of a kind with their parameters: the one place that knows every kind.
public struct JobCatalog: JobMaker {
  let settings: Settings
  private let sources: MarketSources
  private let reports: (any ReportMaker)?

  /// A catalog over the settings and their sources of candles.
  ///
  /// - Parameter reports: makes reports; nil: a job of that kind is a mistake.
  public init(
    _ settings: Settings, sources: MarketSources, reports: (any ReportMaker)? = nil
  ) {
    self.settings = settings
    self.sources = sources
    self.reports = reports
  }

  /// The source of candles of a name.
  func source(named name: String) -> (any MarketData)? { sources.source(named: name) }

  /// The job of a name, kind and parameters.
  ///
  /// - Parameters:
  ///   - name: the job's name in the schedules file.
  ///   - kind: what it does.
  ///   - parameters: its `with:`, laid over the settings' defaults for the kind key by key.
  ///   - log: takes every mistake, each with its place.
  /// - Returns: nil when there was an error.
  public func job(
    _ name: JobName, _ kind: JobKind, parameters: YAMLNode?, log: DiagnosticLog
  ) -> (any Job)? {
    let node = Self.overlay(parameters, over: settings.defaults[kind])
    let reader = MappingReader(node, "`with` of job \"\(name)\"", log: log)
    let job: (any Job)? =
      switch kind {
      case .fetch: FetchJob(reader, settings, sources)
      case .compute: ComputeJob(reader, settings, sources)
      case .infer: InferJob(reader, settings, sources)
      case .rebalance: RebalanceJob(reader, settings, sources)
      case .snapshot: SnapshotJob(reader, settings, sources.transport)
      case .prune: PruneJob(reader)
      case .report: ReportJob(reader, settings, reports)
      case .command: CommandJob(reader, settings)
      }
    reader.finish()
    return log.hasErrors ? nil : job
  }

  private static func overlay(_ upper: YAMLNode?, over lower: YAMLNode?) -> YAMLNode {
    let none = YAMLNode(.mapping([]), at: SourceLocation(file: "defaults", line: 1, column: 1))
    guard let lower, !lower.isNull else { return upper.flatMap { $0.isNull ? nil : $0 } ?? none }
    guard let upper, !upper.isNull else { return lower }
    guard let own = upper.entries, let general = lower.entries else { return upper }
    let keys = Set(own.compactMap(\.key.text))
    let entries = own + general.filter { !keys.contains($0.key.text ?? "") }
    return YAMLNode(.mapping(entries), at: upper.location, length: upper.length)
  }
}

extension JobCatalog {
  /// What is wrong with jobs beside each other: features that nobody makes, scores that nobody gives,
  /// money that an account does not hold, instruments that two trade.
  public func complaints(about jobs: [(listing: JobListing, job: any Job)]) -> [Diagnostic] {
    JobWiring(jobs.map { JobOutline($0.listing, $0.job, settings) }).diagnostics
  }
}

public import Domain
public import Indicators
public import Store
public import StrictYAML

/// Which rows of features a job makes or reads: the series and the feature set.
public struct FeatureSelection: Sendable {
  /// The venue's name in the settings.
  public let venue: String
  /// The length of the candles.
  public let timeframe: Timeframe
  /// What a row holds.
  public let specification: FeatureSpecification
  /// The SHA-256 of the specification's canonical text: the feature set's id.
  public let sha256: String
  private let chosen: [Symbol]?

  init(_ universe: Universe, _ features: FeatureRecipe) {
    venue = universe.venue
    timeframe = universe.timeframe
    specification = features.specification
    sha256 = features.sha256
    chosen = universe.chosen
  }

  /// The symbols, sorted: those that the configuration names, else all of the venue that have candles
  /// on record.
  public func symbols(in transaction: ReadTransaction) throws -> [Symbol] {
    if let chosen { return Set(chosen).sorted() }
    return try transaction.series.all().map(\.series)
      .filter { $0.venue == venue && $0.timeframe == timeframe }.map(\.symbol).sorted()
  }

  /// The series of a symbol.
  public func series(_ symbol: Symbol) -> Series {
    Series(venue: venue, symbol: symbol, timeframe: timeframe)
  }
}

extension JobCatalog {
  /// The features that a job of this kind and these parameters works with; nil when it works with
  /// none, or when there was an error, which is in the log.
  public func features(
    _ name: JobName, _ kind: JobKind, parameters: YAMLNode?, log: DiagnosticLog
  ) -> FeatureSelection? {
    switch job(name, kind, parameters: parameters, log: log) {
    case let job as ComputeJob: FeatureSelection(job.universe, job.features)
    case let job as InferJob: FeatureSelection(job.universe, job.features)
    default: nil
    }
  }
}

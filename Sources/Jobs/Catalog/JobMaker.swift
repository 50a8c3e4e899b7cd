public import Domain
public import StrictYAML

/// Makes the jobs of a schedule: `JobCatalog` those that the program knows; who measures the service,
/// or embeds it, others.
public protocol JobMaker: Sendable {
  /// The job of a name, kind and parameters.
  ///
  /// - Parameters:
  ///   - name: the job's name in the schedules file.
  ///   - kind: what it does.
  ///   - parameters: its `with:`.
  ///   - log: takes every mistake, each with its place.
  /// - Returns: nil when there was an error.
  func job(
    _ name: JobName, _ kind: JobKind, parameters: YAMLNode?, log: DiagnosticLog
  ) -> (any Job)?

  /// What is wrong with jobs beside each other, errors and warnings, each with its place.
  func complaints(about jobs: [(listing: JobListing, job: any Job)]) -> [Diagnostic]
}

extension JobMaker {
  /// Jobs that know nothing of each other have nothing against each other.
  public func complaints(about jobs: [(listing: JobListing, job: any Job)]) -> [Diagnostic] { [] }
}

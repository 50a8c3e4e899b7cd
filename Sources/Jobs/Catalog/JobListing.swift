public import Domain
public import StrictYAML

/// A job as the schedules file lists it, as far as its neighbours are concerned.
public struct JobListing: Sendable {
  /// Its name.
  public var name: JobName
  /// What it does.
  public var kind: JobKind
  /// Its `with:`.
  public var parameters: YAMLNode?
  /// Where its name stands.
  public var location: SourceLocation
  /// The jobs before it in its chain.
  public var ancestors: Set<JobName>
  /// The jobs whose success must be fresh when it runs.
  public var needs: Set<JobName>

  /// A job of these parts.
  public init(
    name: JobName, kind: JobKind, parameters: YAMLNode?, location: SourceLocation,
    ancestors: Set<JobName>, needs: Set<JobName>
  ) {
    (self.name, self.kind, self.parameters, self.location) = (name, kind, parameters, location)
    (self.ancestors, self.needs) = (ancestors, needs)
  }
}

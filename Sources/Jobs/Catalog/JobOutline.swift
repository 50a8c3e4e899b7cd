import Domain
import Settings
import StrictYAML

/// What a job reads and writes, so that its neighbours can be held against it: jobs meet in tables, and
/// what one writes and no other reads is a mistake that no run would ever tell of.
struct JobOutline {
  /// The job as it is listed.
  let listing: JobListing
  /// The job.
  let job: any Job
  private let settings: Settings

  init(_ listing: JobListing, _ job: any Job, _ settings: Settings) {
    (self.listing, self.job, self.settings) = (listing, job, settings)
  }

  /// The series that it looks at; nil where it looks at none.
  var universe: Universe? {
    switch job {
    case let job as FetchJob: job.universe
    case let job as ComputeJob: job.universe
    case let job as InferJob: job.universe
    case let job as RebalanceJob: job.universe
    case let job as ReconcileJob: job.universe
    default: nil
    }
  }

  /// The features that it makes or reads; nil where it does neither.
  var features: FeatureRecipe? {
    switch job {
    case let job as ComputeJob: job.features
    case let job as InferJob: job.features
    default: nil
    }
  }

  /// Where one of its parameters stands: in its own `with:`, else in the settings' defaults of its kind,
  /// else where its name stands.
  func place(of key: String) -> YAMLNode {
    listing.parameters?[key] ?? settings.defaults[listing.kind]?[key]
      ?? YAMLNode(.null, at: listing.location, length: listing.name.text.count)
  }

  /// Where one of its symbols stands.
  func place(of symbol: Symbol) -> YAMLNode {
    let own = [listing.parameters, settings.defaults[listing.kind]].compactMap { $0?["symbols"] }
    let nodes = own.flatMap { $0.elements ?? [$0] }
    if let node = nodes.first(where: { $0.text == symbol.description }) { return node }
    if own.isEmpty, let place = settings.market.places[symbol] {
      return YAMLNode(.null, at: place, length: symbol.description.count)
    }
    return place(of: "symbols")
  }
}

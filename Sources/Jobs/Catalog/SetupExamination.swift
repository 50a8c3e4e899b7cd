public import Domain
import Glibc
public import StrictYAML

/// What was found of one thing that jobs need: a model, a program, a folder, a venue.
public struct SetupExamination: Sendable {
  /// What kind of thing it is.
  public enum Kind: String, CaseIterable, Sendable {
    /// A model that is read.
    case models
    /// A program that is run.
    case programs
    /// A folder that snapshots are written to.
    case snapshots
    /// A source of candles.
    case venues
    /// An account at an exchange.
    case accounts
  }

  /// The kind of thing.
  public var kind: Kind
  /// What was looked at: `infer`, or the venue's name.
  public var subject: String
  /// How it stands, in words; nil where there is a fault.
  public var words: String?
  /// What is wrong.
  public var fault: Fault?
  /// Whether work goes on all the same.
  public var isWarning = false
  /// Where it is named in the files.
  public var place: YAMLNode
}

extension JobCatalog {
  /// Looks at what the jobs need on this machine: models are read and held against the features,
  /// programs are sought, folders are tried.
  public func examine(_ jobs: [(listing: JobListing, job: any Job)]) -> [SetupExamination] {
    jobs.compactMap { entry in
      let outline = JobOutline(entry.listing, entry.job, settings)
      switch entry.job {
      case let job as InferJob:
        let rows = FeatureWindows(
          universe: job.universe, features: job.features, symbols: [], maximumAge: job.maximumAge)
        return Self.look(.models, outline, key: "model") { () throws(Fault) -> String in
          try job.source.examined(for: rows)
        }
      case let job as CommandJob:
        return Self.look(.programs, outline, key: "run") { () throws(Fault) -> String in
          try job.program.found()
        }
      case let job as SnapshotJob:
        return Self.look(.snapshots, outline, key: "directory") { () throws(Fault) -> String in
          try Self.writable(job.folder)
        }
      default: return nil
      }
    }
  }

  private static func look(
    _ kind: SetupExamination.Kind, _ outline: JobOutline, key: String,
    _ look: () throws(Fault) -> String
  ) -> SetupExamination {
    let name = outline.listing.name.text
    do {
      return SetupExamination(
        kind: kind, subject: name, words: try look(), place: outline.place(of: key))
    } catch {
      return SetupExamination(
        kind: kind, subject: name, fault: error, place: outline.place(of: key))
    }
  }

  /// A folder that can be written to, or made.
  private static func writable(_ folder: String) throws(Fault) -> String {
    var place = folder
    while access(place, F_OK) != 0, let slash = place.lastIndex(of: "/"), slash > place.startIndex {
      place = String(place[..<slash])
    }
    if access(place, F_OK) != 0 { place = "." }
    guard access(place, W_OK) == 0 else {
      throw Fault(
        "write snapshots to", folder, cause: "\(place): \(String(cString: strerror(errno)))",
        remedy: "give it to the user that carillon runs as, or name another `directory`",
        exit: .cannotCreate)
    }
    return folder
  }
}

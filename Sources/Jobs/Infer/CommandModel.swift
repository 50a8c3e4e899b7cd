import Cryptography
import Domain
import Glibc
import Inference
import Settings
import Store
import StrictYAML
import Synchronization

/// A model that is a program: rows of features in, scores out, both as CSV.
///
/// Standard input has the header `symbol,time_ms,FEATURE...` and one row per series, nothing where a
/// feature is missing; standard output the header `symbol,score` and a row for each series that is
/// to have a score. Standard error is kept with the run.
struct CommandModel: ScorerSource {
  /// What is run.
  let program: ProgramParameters
  /// How long one answer may take.
  let timeout: TimeSpan
  /// The names of the features that it is given, in their order.
  let names: [String]
  /// What it is said that its scores are; nil where nothing is.
  let calibration: Calibration?
  private let files: [(name: String, path: String)]
  private let known = KnownHash()

  /// The time-out of a model that names none.
  static let defaultTimeout = TimeSpan.seconds(30)
  /// The longest time-out that a model may name.
  static let longestTimeout = TimeSpan.hours(1)
  /// A line of the answer takes so much at most, on average.
  static let answerLineBytes = 256
  /// What is kept of its standard error.
  static let errorLimitBytes = 64 << 10

  /// Whether the parameter `model` names a program and not a file.
  static func isNamed(in reader: MappingReader) -> Bool {
    reader.value("model")?.entries != nil
  }

  /// Reads `model: { command, timeout, features, hash-files, ... }`; nil when there is a mistake,
  /// which is in the log.
  ///
  /// - Parameter available: the names of the feature set.
  init?(_ reader: MappingReader, _ settings: Settings, available: [String]) {
    guard let model = reader.mapping("model") else { return nil }
    let program = ProgramParameters(model, key: "command", settings)
    timeout =
      model.span("timeout", in: .seconds(1)...Self.longestTimeout) ?? Self.defaultTimeout
    names = Self.names(model, available) ?? available
    calibration = model.choice("calibrated")
    let folder = program?.directory.map { "\($0)/" } ?? ""
    files = (model.strings("hash-files") ?? []).map {
      ($0, $0.hasPrefix("/") ? $0 : folder + $0)
    }
    if let output = reader.value("output") {
      reader.log.error(
        at: output, "`output` belongs to a model file; a command prints the score itself",
        mend: "remove it")
    }
    model.finish()
    guard let program else { return nil }
    self.program = program
  }

  private static func names(_ model: MappingReader, _ available: [String]) -> [String]? {
    guard let list = model.list("features") else { return nil }
    var names: [String] = []
    for node in list {
      let name = node.text ?? ""
      if !available.contains(name) {
        model.log.error(
          at: node, "no feature named `\(name)`",
          mend: Spelling.nearest(name, among: available).map { "did you mean `\($0)`?" }
            ?? "known are \(available.joined(separator: ", "))")
      } else if names.contains(name) {
        model.log.error(at: node, "`\(name)` is given twice", mend: "remove one")
      } else {
        names.append(name)
      }
    }
    return names
  }

  func examined(for _: FeatureWindows) throws(Fault) -> String { try program.found() }

  func scorer(for rows: FeatureWindows, _ context: JobContext) throws -> ChosenScorer {
    ChosenScorer(scorer: CommandScorer(model: self, sha256: try sha256()))
  }

  /// The command as people write it, for messages and the record.
  var line: String { program.arguments.joined(separator: " ") }

  /// What identifies the model: the SHA-256 of a text with a line for each argument (`argument`, its
  /// length in bytes, itself) and for each of `hash-files` (`file`, its name, its SHA-256).
  ///
  /// - Throws: exit 66 when one of the files is missing.
  func sha256() throws(Fault) -> String {
    var stamps: [FileStamp] = []
    for file in files {
      guard let stamp = try FileStamp(path: file.path) else {
        throw Self.missing(file.path, ENOENT)
      }
      stamps.append(stamp)
    }
    if let hash = known.hash(for: stamps) { return hash }
    var text = program.arguments.map { "argument \($0.utf8.count) \($0)\n" }.joined()
    for file in files { text += "file \(file.name) \(try Self.digest(of: file.path))\n" }
    let hash = SHA256.hexadecimal(text.utf8)
    known.keep(hash, for: stamps)
    return hash
  }

  private static func digest(of path: String) throws(Fault) -> String {
    guard let file = fopen(path, "rbe") else { throw missing(path, errno) }
    defer { fclose(file) }
    let hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      buffer[..<count].withUnsafeBytes { hash.update($0) }
      if count < buffer.count { break }
    }
    guard ferror(file) == 0 else { throw missing(path, EIO) }
    return hash.hexadecimal()
  }

  private static func missing(_ path: String, _ code: Int32) -> Fault {
    Fault(
      "read the model's file", path, cause: String(cString: strerror(code)),
      remedy: "put the file there, or mend `hash-files`", exit: .noInput)
  }
}

/// The hash of files that have not changed since they were read.
private final class KnownHash: Sendable {
  private let state = Mutex<(stamps: [FileStamp], hash: String)?>(nil)

  func hash(for stamps: [FileStamp]) -> String? {
    state.withLock { $0?.stamps == stamps ? $0?.hash : nil }
  }

  func keep(_ hash: String, for stamps: [FileStamp]) { state.withLock { $0 = (stamps, hash) } }
}

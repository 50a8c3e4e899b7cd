import Cryptography
import Disk
public import Domain
import Glibc
public import Inference

/// A model with the files that it was read from: the one reader of models, for jobs and commands.
public struct LoadedModel: Sendable {
  /// The model.
  public let model: Model
  /// The SHA-256 of the files' bytes, in hexadecimal, by which decisions name the model: of the file,
  /// and of the description behind it where its format needs one.
  public let sha256: String
  /// The path of the file.
  let path: String
  /// The bytes of the file, and of the description beside it where its format needs one.
  private(set) var files: [(name: String, bytes: [UInt8])]

  /// The model of these files.
  ///
  /// - Parameters:
  ///   - path: what is told of as its place.
  ///   - rounds: which rounds of a boosted model are used.
  /// - Throws: exit 65 when they are no model.
  init(
    _ files: [(name: String, bytes: [UInt8])], path: String, rounds: ModelRounds = .all
  ) throws(Fault) {
    let description = files.dropFirst().first
    model = try Model.load(
      files[0].bytes, file: path, rounds: rounds,
      description: description.map { (bytes: $0.bytes, file: Self.beside(path, $0.name)) })
    sha256 = SHA256.hexadecimal(files.flatMap(\.bytes))
    self.path = path
    self.files = files
  }

  /// The same model without the bytes, which nobody needs once it is in the archive.
  func withoutFiles() -> LoadedModel {
    var model = self
    model.files = []
    return model
  }

  /// Reads the model of a file.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - rounds: which rounds of a boosted model are used.
  /// - Throws: exit 66 when there is none, 65 when it is no model, and a transient fault when it was
  ///   written to meanwhile: half of a model may well look like one.
  public init(path: String, rounds: ModelRounds = .all) throws(Fault) {
    let before = try ModelStamp(path)
    var files = [(name: Self.name(of: path), bytes: try Self.read(path))]
    if before.description != nil, let description = Model.descriptionName(of: path) {
      files.append((Self.name(of: description), try Self.read(description)))
    }
    guard try ModelStamp(path) == before else {
      throw Fault(
        "read the model", path, cause: "it changed while it was read",
        remedy: "write new files under another name and rename them into place", exit: .tryAgain,
        isTransient: true)
    }
    try self.init(files, path: path, rounds: rounds)
  }

  private static func name(of path: String) -> String {
    FilePath.name(of: path)
  }

  private static func beside(_ path: String, _ name: String) -> String {
    FilePath.sibling(of: path, named: name)
  }

  static func read(_ path: String) throws(Fault) -> [UInt8] {
    guard let stamp = try FileStamp(path: path) else {
      throw Fault(
        "read the model", path, cause: "there is no such file",
        remedy: "put the file there, or name another in `with: { model: FILE }`", exit: .noInput)
    }
    guard stamp.size <= Model.maximumFileBytes else {
      throw Fault(
        "read the model", path,
        cause: "it has \(stamp.size) bytes, more than \(Model.maximumFileBytes)", exit: .data)
    }
    guard let file = fopen(path, "rbe") else {
      let (cause, isTransient) = (String(cString: strerror(errno)), isPassing(errno))
      throw Fault(
        "read the model", path, cause: cause,
        remedy: isTransient ? nil : "make it readable: chmod a+r \(path)",
        exit: isTransient ? .io : .noInput, isTransient: isTransient)
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: Int(stamp.size))
    let count = fread(&bytes, 1, bytes.count, file)
    guard count == bytes.count else {
      throw Fault(
        "read the model", path, cause: "only \(count) of \(stamp.size) bytes could be read",
        exit: .io, isTransient: true)
    }
    return bytes
  }
}

extension LoadedModel {
  /// Whether what kept a file from being opened says nothing of the file.
  private static func isPassing(_ error: CInt) -> Bool {
    [EIO, EINTR, EMFILE, ENFILE, ENOMEM, ESTALE, ETIMEDOUT, EAGAIN].contains(error)
  }
}

/// Tells one state of a model's files from another without reading them.
struct ModelStamp: Hashable, Sendable {
  /// The file's; nil when there is none.
  let file: FileStamp?
  /// That of the description beside it; nil when there is none.
  let description: FileStamp?

  /// - Throws: exit 74 when the file system refuses to tell.
  init(_ path: String) throws(Fault) {
    file = try FileStamp(path: path)
    guard let name = Model.descriptionName(of: path) else {
      description = nil
      return
    }
    description = try FileStamp(path: name)
  }
}

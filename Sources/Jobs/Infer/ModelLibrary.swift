import Domain
import Glibc
import Inference
import Settings
import Synchronization

/// A model with the hash of the file that it was read from.
struct LoadedModel: Sendable {
  /// The model.
  var model: Model
  /// The SHA-256 of the file, in hexadecimal.
  var sha256: String
  /// The path of the file.
  var path: String
}

/// Reads model files, each once for as long as it stays the same file.
final class ModelLibrary: Sendable {
  /// The largest model file that is read.
  static let maximumSizeBytes = 512 << 20

  private let loaded = Mutex<[String: (stamp: FileStamp, model: LoadedModel)]>([:])

  /// The model of a file.
  ///
  /// - Throws: exit 66 when there is no such file, 65 when it is no model.
  func model(at path: String) throws(Fault) -> LoadedModel {
    if path == BuiltInModel.name {
      let bytes = Array(BuiltInModel.text.utf8)
      return LoadedModel(
        model: try Model.load(bytes, file: path), sha256: Digest.sha256(bytes), path: path)
    }
    let stamp = try Self.stamp(of: path)
    if let known = loaded.withLock({ $0[path] }), known.stamp == stamp { return known.model }
    let bytes = try Self.read(path, size: stamp.size)
    var description: (bytes: [UInt8], file: String)?
    if let name = Model.descriptionName(of: path), let stamp = try FileStamp(path: name) {
      description = (try Self.read(name, size: stamp.size), name)
    }
    let model = LoadedModel(
      model: try Model.load(bytes, file: path, description: description),
      sha256: Digest.sha256(bytes + (description?.bytes ?? [])), path: path)
    loaded.withLock { $0[path] = (stamp, model) }
    return model
  }

  private static func stamp(of path: String) throws(Fault) -> FileStamp {
    guard let stamp = try FileStamp(path: path) else {
      throw Fault(
        "read the model", path, cause: "there is no such file",
        remedy: "put the file there, or name another in `with: { model: FILE }`", exit: .noInput)
    }
    guard stamp.size <= maximumSizeBytes else {
      throw Fault(
        "read the model", path,
        cause: "it has \(stamp.size) bytes, more than \(maximumSizeBytes)", exit: .data)
    }
    return stamp
  }

  private static func read(_ path: String, size: Int64) throws(Fault) -> [UInt8] {
    guard let file = fopen(path, "rbe") else {
      throw Fault(
        "read the model", path, cause: String(cString: strerror(errno)),
        remedy: "make it readable: chmod a+r \(path)", exit: .noInput)
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let count = fread(&bytes, 1, bytes.count, file)
    guard count == bytes.count else {
      throw Fault(
        "read the model", path, cause: "only \(count) of \(size) bytes could be read", exit: .io,
        isTransient: true)
    }
    return bytes
  }
}

import Disk
import Domain
import Glibc
import Inference

/// The models that were used, beside the database: `carillon.db.models/SHA256/` holds the files as
/// they were read, so that the model of a past decision can be looked into, and a restart beside a
/// file that is no good still has the last one that was.
struct ModelArchive: Sendable {
  private let folder: String

  /// How many models are kept: those used last.
  static let maximumModels = 32
  /// How many bytes of models are kept; the newest is kept in any case.
  static let maximumBytes: Int64 = 1 << 30
  /// A draft that was left by a process which was killed goes when it is so much older than the model
  /// that was used last.
  static let draftSeconds = 3600

  /// The archive beside a database.
  init(beside database: String) { folder = database + ".models" }

  /// Keeps a model, and as many as there is room for of those before it.
  func keep(_ model: LoadedModel) throws(Fault) {
    try write(model)
    try prune()
  }

  /// The model of a hash, told of as that of `path`; nil when it is not there, or not whole.
  func model(_ sha256: String, of path: String, _ rounds: ModelRounds) -> LoadedModel? {
    do {
      // The description comes after the file that it describes, and never alone.
      let names = try Self.names(in: "\(folder)/\(sha256)").sorted { a, b in
        a.hasSuffix(".safetensors") && !b.hasSuffix(".safetensors")
      }
      let files = try names.map { name throws(Fault) in
        (name: name, bytes: try LoadedModel.read("\(folder)/\(sha256)/\(name)"))
      }
      guard !files.isEmpty else { return nil }
      let model = try LoadedModel(files, path: path, rounds: rounds)
      return model.sha256 == sha256 ? model : nil
    } catch {
      return nil  // it was pruned or damaged: then there is no model before
    }
  }

  private func write(_ model: LoadedModel) throws(Fault) {
    let place = "\(folder)/\(model.sha256)"
    // One that is known becomes the newest.
    if utimensat(AT_FDCWD, place, nil, 0) == 0 { return }
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw Self.fault("make", folder) }
    var template = Array("\(folder)/.\(model.sha256)-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Self.fault("make a folder in", folder) }
    let temporary = String(
      decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    chmod(temporary, 0o755)
    for (name, bytes) in model.files {
      let path = "\(temporary)/\(name)"
      try NewFile.write(bytes, to: path, for: .everybody)
    }
    guard rename(temporary, place) != 0 else { return }
    let fault = Self.fault("write", place)
    for (name, _) in model.files { unlink("\(temporary)/\(name)") }
    rmdir(temporary)
    // Another job may have been as quick with the same model.
    guard try FileStamp(path: place) != nil else { throw fault }
  }

  /// Removes the models that were not used for longest.
  private func prune() throws(Fault) {
    var models: [(name: String, time: Int, bytes: Int64)] = []
    for name in try Self.names(in: folder) {
      let place = "\(folder)/\(name)"
      var status = stat()
      guard stat(place, &status) == 0 else { throw Self.fault("look at", place) }
      var bytes: Int64 = 0
      for file in try Self.names(in: place) {
        bytes += try FileStamp(path: "\(place)/\(file)")?.size ?? 0
      }
      let nanoseconds = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
      models.append((name, nanoseconds, bytes))
    }
    models.sort { ($0.time, $0.name) > ($1.time, $1.name) }
    if let newest = models.first { try removeDrafts(before: newest.time) }
    var total: Int64 = 0
    for (index, model) in models.enumerated() {
      total += model.bytes
      guard index > 0, index >= Self.maximumModels || total > Self.maximumBytes else { continue }
      let place = "\(folder)/\(model.name)"
      for file in try Self.names(in: place) { unlink("\(place)/\(file)") }
      guard rmdir(place) == 0 else { throw Self.fault("remove", place) }
    }
  }

  /// Removes what killed processes left half written.
  private func removeDrafts(before newest: Int) throws(Fault) {
    for name in try Folder.names(in: folder) where name.hasPrefix(".") {
      let place = "\(folder)/\(name)"
      var status = stat()
      guard stat(place, &status) == 0,
        status.st_mtim.tv_sec < newest / 1_000_000_000 - Self.draftSeconds
      else { continue }
      for file in try Folder.names(in: place) { unlink("\(place)/\(file)") }
      guard rmdir(place) == 0 || errno == ENOENT else { throw Self.fault("remove", place) }
    }
  }

  /// The names in a directory but those that begin with a dot.
  private static func names(in path: String) throws(Fault) -> [String] {
    try Folder.names(in: path).filter { !$0.hasPrefix(".") }
  }

  private static func fault(_ operation: String, _ path: String) -> Fault {
    Fault(operation, path, cause: String(cString: strerror(errno)), exit: .io)
  }
}

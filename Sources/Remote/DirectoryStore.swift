import Cryptography
import Disk
import Domain
import Glibc

/// A folder as a store: another disk, or a mount. The folder itself must be there, since one that is
/// made where a mount is missing lies on the disk that it should guard against.
public struct DirectoryStore: ObjectStore {
  private let folder: String
  /// Bytes that are read at a time.
  private static let pieceBytes = 1 << 20

  /// The store in a folder.
  public init(folder: String) { self.folder = folder }

  /// `file:///...`
  public var place: String { "file://\(folder)" }

  /// See `ObjectStore`.
  public func list() async throws -> [StoredObject] {
    try requireFolder()
    var objects: [StoredObject] = []
    for name in try Folder.names(in: folder) where !name.hasPrefix(".") {
      if let size = try sizeNow(name) { objects.append(StoredObject(name: name, sizeBytes: size)) }
    }
    return objects
  }

  /// See `ObjectStore`.
  public func size(of name: String) async throws -> Int64? {
    try requireFolder()
    return try sizeNow(name)
  }

  /// See `ObjectStore`.
  public func put(_ name: String, _ bytes: [UInt8]) async throws {
    try requireFolder()
    try NewFile.write(bytes, to: path(name))
  }

  /// Copies the file, and reads the copy back to compare.
  public func put(
    _ name: String, file source: String, notes: String, checkpoint: @Sendable () throws -> Void
  ) async throws {
    try requireFolder()
    var copy = try NewFile(path(name))
    var buffer = [UInt8](repeating: 0, count: Self.pieceBytes)
    let input = try InputFile(source)
    let sent = SHA256()
    while true {
      try checkpoint()
      let count = try input.read(into: &buffer)
      if count == 0 { break }
      try buffer.withUnsafeBytes { bytes in
        let piece = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        sent.update(piece)
        try copy.write(piece)
      }
    }
    try copy.commit()
    let arrived = SHA256()
    try await read(name) { piece in
      try checkpoint()
      arrived.update(piece)
    }
    guard arrived.finalize() == sent.finalize() else {
      throw Fault(
        "copy to", path(name), cause: "what was read back is not what was written",
        remedy: "look after that disk", exit: .io)
    }
  }

  /// See `ObjectStore`.
  public func read(_ name: String, take: (UnsafeRawBufferPointer) throws -> Void) async throws {
    try requireFolder()
    let input = try InputFile(path(name))
    var buffer = [UInt8](repeating: 0, count: Self.pieceBytes)
    while true {
      let count = try input.read(into: &buffer)
      if count == 0 { return }
      try buffer.withUnsafeBytes { try take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }

  /// See `ObjectStore`. What may not be removed (a read-only mount, an immutable file) is kept.
  public func remove(_ name: String) async throws -> Bool {
    try requireFolder()
    if unlink(path(name)) == 0 || errno == ENOENT { return true }
    if [EACCES, EPERM, EROFS].contains(errno) { return false }
    throw FileFault.of("remove", path(name), errno)
  }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }

  private func sizeNow(_ name: String) throws(Fault) -> Int64? {
    var status = stat()
    guard stat(path(name), &status) == 0 else {
      if errno == ENOENT { return nil }
      throw FileFault.of("read", path(name), errno)
    }
    return status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
  }

  private func requireFolder() throws(Fault) {
    var status = stat()
    guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw Fault(
        "use the remote", place, cause: "there is no such folder",
        remedy: "mount it, or make it once: mkdir \(folder)", exit: .unavailable,
        isTransient: true)
    }
  }
}

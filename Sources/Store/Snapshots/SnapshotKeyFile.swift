public import Cryptography
import Disk
public import Domain
import Glibc

/// The file of the key that snapshots are signed with, so that one of ours is told from a forgery: made
/// when it is first needed, and read by its owner alone.
public struct SnapshotKeyFile: Sendable {
  /// Its path.
  public let path: String

  /// The largest file that is read, in bytes: a key has some 120.
  private static let maximumBytes = 4096

  /// The key in this file, which need not be there yet.
  public init(_ path: String) { self.path = path }

  /// Where it lies unless the settings name another place: beside the database.
  public static func beside(_ database: String) -> SnapshotKeyFile {
    SnapshotKeyFile(FilePath.sibling(of: database, named: "snapshot-signing.key"))
  }

  /// The key; nil where the file is not there yet.
  ///
  /// - Throws: exit 65 when the file holds no key, 77 when others may read it.
  public func keyIfAny() throws(Fault) -> Ed25519Key? {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT { return nil }
      throw FileFault.of("read", path, errno)
    }
    guard status.st_mode & 0o077 == 0 else {
      throw Fault(
        "read the key", path, cause: "others than its owner may read it",
        remedy: "chmod 600 \(path)", exit: .refused)
    }
    let text = String(
      decoding: try InputFile.contents(path, limit: Self.maximumBytes), as: UTF8.self)
    guard let key = Ed25519Key(pem: text) else {
      throw Fault(
        "read the key", path, cause: "it holds no private key of Ed25519",
        remedy: "put the key back, or move the file away: another is made then", exit: .data)
    }
    return key
  }

  /// The key, made now where there is none yet. Two processes that make it at once agree on one.
  ///
  /// - Throws: also exit 73 or 74 when it cannot be written.
  public func key() throws(Fault) -> Ed25519Key {
    if let key = try keyIfAny() { return key }
    let key = Ed25519Key.make()
    let draft = "\(path).\(getpid())"
    try NewFile.write(key.pem.reveal { $0 }, to: draft)
    do throws(Fault) {
      try FileNames.take(path, from: draft)
      try Folder.sync(FilePath.folder(of: path))
    } catch {
      if let other = try keyIfAny() { return other }
      throw error
    }
    return key
  }
}

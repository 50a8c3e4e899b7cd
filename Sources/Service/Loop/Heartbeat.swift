import CLinux
public import Domain
import Glibc

/// The time of the loop's last turn, as the modification time of a file beside the database: told
/// without writing to the database, so that an idle process costs no disk.
///
/// The file holds room for one note about the storage, written over in place, which a full disk still
/// takes.
public struct Heartbeat {
  /// The room for a note.
  static let noteSizeBytes = 2048

  private let path: String

  /// The heartbeat of a database's daemon.
  public init(database: String) { path = database + ".heartbeat" }

  /// The loop turned now. What goes wrong is nobody's concern but the watcher's, who sees it stop.
  func beat() {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { return }
    futimens(file, nil)
    close(file)
  }

  /// Leaves a note about the storage, or takes it back. A process begins by taking it back, which makes
  /// the room.
  func tell(_ note: StorageNote?) {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { return }
    var bytes = Array((note?.text ?? "").utf8.prefix(Self.noteSizeBytes))
    bytes += [UInt8](repeating: UInt8(ascii: "\n"), count: Self.noteSizeBytes - bytes.count)
    // What goes wrong is told by the log, and to who asks over HTTP.
    _ = pwrite(file, bytes, bytes.count, 0)
    close(file)
  }

  /// The note about the storage, if there is one.
  public var note: StorageNote? {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: Self.noteSizeBytes)
    let count = read(file, &bytes, bytes.count)
    guard count > 0 else { return nil }
    return StorageNote(String(decoding: bytes.prefix(count), as: UTF8.self))
  }

  /// When the loop last turned; nil when it never did.
  public var last: Instant? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Instant(
      milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
  }
}

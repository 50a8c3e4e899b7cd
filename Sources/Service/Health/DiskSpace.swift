import Glibc

/// The room on a disk.
public struct DiskSpace: Hashable, Sendable {
  /// What this user may still write, in bytes.
  public var freeBytes: UInt64

  /// Below this, health warns: days of log and candles of a usual set-up.
  public static let warningBytes: UInt64 = 512 << 20
  /// Below this, health fails: a snapshot no longer fits, and soon no commit does.
  public static let failureBytes: UInt64 = 64 << 20

  /// So much room.
  public init(freeBytes: UInt64) { self.freeBytes = freeBytes }

  /// The room on the disk that holds a file or folder; nil when the system does not tell.
  public init?(holding path: String) {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    freeBytes = UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }

  /// `12.3 GiB`, `431 MiB`.
  public var description: String { Self.text(freeBytes) }

  /// A number of bytes, in the same words.
  static func text(_ bytes: UInt64) -> String {
    let mebibytes = bytes >> 20
    guard mebibytes >= 1024 else { return "\(mebibytes) MiB" }
    return "\(mebibytes / 1024).\(mebibytes % 1024 * 10 / 1024) GiB"
  }
}

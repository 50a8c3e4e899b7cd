import CLinux
import Disk
import Domain
import Glibc

/// An open file under `flock`: the kernel drops the lock when the process ends, however it ends.
///
/// Always close-on-exec, so that a program started by a job cannot keep its starter alive.
struct LockFile: ~Copyable, Sendable {
  private let descriptor: Int32

  /// How many times a lock is asked for that a prober may hold for a few microseconds.
  private static let attempts = 200

  /// Opens a file; nil when it does not exist and is not to be made, errno otherwise.
  init?(opening path: String, create: Bool, exclusive: Bool = false) throws(Fault) {
    let flags =
      O_CLOEXEC | O_NOFOLLOW | (create ? O_RDWR | O_CREAT : O_RDONLY) | (exclusive ? O_EXCL : 0)
    let opened = open(path, flags, 0o600)
    if opened < 0 {
      if errno == ENOENT, !create { return nil }
      throw LockFile.fault("open the lock", path, errno)
    }
    descriptor = opened
  }

  deinit {
    // Closing is not enough: a child that is being started holds a copy of the descriptor until its
    // exec, and with it the lock.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Whether the lock could be taken. A shared lock is how others probe: probers do not disturb each
  /// other, and give way at once.
  func take(shared: Bool, patient: Bool = false) -> Bool {
    let operation = (shared ? LOCK_SH : LOCK_EX) | LOCK_NB
    for _ in 0..<(patient ? Self.attempts : 1) {
      while true {
        if flock(descriptor, operation) == 0 { return true }
        if errno != EINTR { break }
      }
      sched_yield()
    }
    return false
  }

  /// Replaces the content, which is for people only.
  func write(_ text: String) {
    guard ftruncate(descriptor, 0) == 0 else { return }
    var text = text
    _ = text.withUTF8 { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Puts a line in the place of the first one in one write, so that whoever is killed meanwhile leaves
  /// one or the other; both have the same length.
  ///
  /// - Returns: 0, or errno.
  func replaceLine(_ text: String, length: Int) -> Int32 {
    let line = Array(text.utf8.prefix(length))
    let bytes = line + [UInt8](repeating: 0x20, count: length - line.count) + [10]
    let count = pwrite(descriptor, bytes, bytes.count, 0)
    return count == bytes.count ? 0 : count < 0 ? errno : EIO
  }

  /// The first line of the content.
  func firstLine() -> String {
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(count, 0)).prefix { $0 != 10 }, as: UTF8.self)
  }

  static func fault(_ operation: String, _ path: String, _ code: Int32) -> Fault {
    let folder = FilePath.folder(of: path)
    return Fault(
      operation, path, cause: String(cString: strerror(code)),
      remedy: code == ENOSPC ? "free space in \(folder)" : FileFault.ownership(of: folder),
      exit: code == ENOSPC || code == EIO ? .io : .cannotCreate)
  }
}

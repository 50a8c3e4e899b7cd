import CLinux
import Disk
import Domain
import Glibc
import Synchronization

/// A lock on the database's own file that says under which name it is used.
///
/// SQLite's log has its name from the path, so a file that is used under two names (a mount of the file
/// alone, a hard link, a name that was changed meanwhile, another container's view) has two logs, and each
/// spoils the other. The locks that lie beside a path cannot tell that: they lie beside the other path
/// too. So each process shares a lock on a byte, far behind all data, that stands for the folder and the
/// name, and looks whether anybody has another one. A restore has all of those bytes alone.
///
/// POSIX drops SQLite's locks on a file when this process closes any descriptor of it. So the descriptor
/// stays open for as long as anything in this process has the file (`Descriptors`).
final class NameLock: Sendable {
  /// Far beyond the largest file, and beyond the bytes that SQLite locks.
  private static let firstByte: Int64 = 1 << 62
  private static let bytes: Int64 = 1 << 32

  private let file: FileIdentity
  private let descriptor: Int32

  private init(file: FileIdentity, descriptor: Int32) {
    (self.file, self.descriptor) = (file, descriptor)
  }

  deinit { Descriptors.leave(file, descriptor) { Self.unlock($0) } }

  /// The lock of whoever uses the database at a path beside others that use it there.
  ///
  /// - Throws: exit 77 when a process uses it under another name, 75 while a restore has it.
  static func share(_ path: String) throws(Fault) -> NameLock {
    let byte = try byte(of: path)
    return try take(path, O_RDONLY, sharing: byte) { descriptor throws(Fault) in
      try lock(descriptor, F_RDLCK, firstByte + byte, 1, path)
      // After our own: of two that come at once under two names, one at least sees the other.
      for (start, length) in [(0, byte), (byte + 1, bytes - byte - 1)] where length > 0 {
        switch carillon_lock_of_others(descriptor, firstByte + start, length) {
        case F_UNLCK: continue
        case -1: throw FileFault.of("look at the locks of", path, errno)
        default:
          throw Fault(
            "open the database", path,
            cause: "a process uses it under another name, and each would have a log of its own",
            remedy: "use one path everywhere, and mount folders instead of the file", exit: .refused
          )
        }
      }
    }
  }

  /// The lock of whoever puts another file in place of this one, or this one in place of another.
  ///
  /// - Throws: exit 75 while any process uses it, under whatever name.
  static func takeAlone(_ path: String) throws(Fault) -> NameLock {
    try take(path, O_RDWR, sharing: nil) { descriptor throws(Fault) in
      try lock(descriptor, F_WRLCK, firstByte, bytes, path)
    }
  }

  private static func take(
    _ path: String, _ flags: Int32, sharing byte: Int64?, _ lock: (Int32) throws(Fault) -> Void
  ) throws(Fault) -> NameLock {
    let file = try FileIdentity(of: path)
    let descriptor = try Descriptors.join(
      file, sharing: byte,
      open: { () throws(Fault) in
        let descriptor = open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFault.of("open", path, errno) }
        return descriptor
      }, lock: lock, unlock: unlock)
    return NameLock(file: file, descriptor: descriptor)
  }

  private static func unlock(_ descriptor: Int32) {
    // Before it is closed: a child that is being started holds a copy until its exec.
    _ = carillon_lock_bytes(descriptor, Int16(F_UNLCK), firstByte, bytes)
  }

  private static func lock(
    _ descriptor: Int32, _ type: Int32, _ start: Int64, _ length: Int64, _ path: String
  ) throws(Fault) {
    if carillon_lock_bytes(descriptor, Int16(type), start, length) == 0 { return }
    guard errno == EAGAIN || errno == EACCES else {
      throw FileFault.of("lock", path, errno)
    }
    throw Fault(
      "open the database", path,
      cause: type == F_WRLCK ? "a process uses it" : "a restore is under way",
      remedy: type == F_WRLCK ? "stop it first" : "try again when it is done", exit: .tryAgain,
      isTransient: true)
  }

  /// The place of a path: of the folder that its log lies in, whatever leads there, and of the name.
  private static func byte(of path: String) throws(Fault) -> Int64 {
    let folder = FilePath.folder(of: path)
    let name = StableHash("\(try FileIdentity(of: folder).inode)/\(FilePath.name(of: path))")
    return Int64(name.value % UInt64(bytes))
  }
}

/// The descriptors of databases that this process has opened itself: those of a file are closed together,
/// once nothing in this process uses it any more.
private enum Descriptors {
  private struct Users {
    var count = 0
    /// The descriptor that all share who use the file under one name.
    var shared: (descriptor: Int32, byte: Int64, count: Int)?
    /// Those that have no lock any more.
    var idle: [Int32] = []
  }

  private static let users = Mutex<[FileIdentity: Users]>([:])

  static func join(
    _ file: FileIdentity, sharing byte: Int64?, open: () throws(Fault) -> Int32,
    lock: (Int32) throws(Fault) -> Void, unlock: (Int32) -> Void
  ) throws(Fault) -> Int32 {
    try users.withLock { all throws(Fault) in
      var users = all[file] ?? Users()
      defer { all[file] = users.count == 0 ? nil : users }
      if let shared = users.shared, shared.byte == byte {
        users.shared?.count += 1
        users.count += 1
        return shared.descriptor
      }
      let descriptor = try open()
      do throws(Fault) { try lock(descriptor) } catch {
        unlock(descriptor)
        if users.count == 0 { close(descriptor) } else { users.idle.append(descriptor) }
        throw error
      }
      users.count += 1
      if let byte { users.shared = (descriptor, byte, 1) }
      return descriptor
    }
  }

  static func leave(_ file: FileIdentity, _ descriptor: Int32, unlock: (Int32) -> Void) {
    users.withLock { all in
      guard var users = all[file] else { preconditionFailure("who leaves has joined") }
      users.count -= 1
      var isLast = true
      if let shared = users.shared, shared.descriptor == descriptor {
        isLast = shared.count == 1
        users.shared = isLast ? nil : (descriptor, shared.byte, shared.count - 1)
      }
      if isLast {
        unlock(descriptor)
        users.idle.append(descriptor)
      }
      if users.count == 0 { for descriptor in users.idle { close(descriptor) } }
      all[file] = users.count == 0 ? nil : users
    }
  }
}

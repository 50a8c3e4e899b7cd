import Domain
import Glibc

/// A file that appears under its name only when it is whole and on disk: it is written under a
/// temporary name in the same directory, and removed again unless it was committed.
struct NewFile: ~Copyable {
  let path: String
  let temporary: String
  private let descriptor: Int32
  private var isCommitted = false

  /// Begins a file. A leftover of the temporary name, of a process that was killed, is overwritten.
  init(_ path: String) throws(Fault) {
    self.path = path
    temporary = Self.temporary(for: path)
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileFault.of("create", path, errno) }
  }

  deinit {
    close(descriptor)
    if !isCommitted { unlink(temporary) }
  }

  /// Appends bytes.
  ///
  /// - Throws: exit 74 when the disk is full or fails.
  func write(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileFault.of("write", path, count < 0 ? errno : ENOSPC) }
      rest = rest.dropFirst(count)
    }
  }

  /// Puts what was written on disk, and the file under its name, replacing one that is there.
  mutating func commit() throws(Fault) {
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
      throw FileFault.of("write", path, errno)
    }
    isCommitted = true
    try Self.sync(folderOf: path)
  }

  /// Writes a whole file.
  static func write(_ text: String, to path: String) throws(Fault) {
    var file = try NewFile(path)
    let result = Array(text.utf8).withUnsafeBytes { bytes -> Result<Void, Fault> in
      do throws(Fault) { return .success(try file.write(bytes)) } catch { return .failure(error) }
    }
    try result.get()
    try file.commit()
  }

  static func temporary(for path: String) -> String {
    let folder = DatabaseFile(path: path).folder
    let name = path.split(separator: "/").last ?? "file"
    return "\(folder)/.\(name).tmp"
  }

  /// Makes renames and removals in a directory survive a power cut.
  static func sync(folderOf path: String) throws(Fault) {
    let folder = DatabaseFile(path: path).folder
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault.of("open", folder, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileFault.of("write", folder, errno) }
  }
}

/// The system's errors about files, as faults.
enum FileFault {
  static func of(_ operation: String, _ path: String, _ code: Int32) -> Fault {
    let folder = DatabaseFile(path: path).folder
    let exit: ExitCode
    let remedy: String?
    switch code {
    case ENOENT: (exit, remedy) = (.noInput, nil)
    case ENOSPC, EDQUOT:
      (exit, remedy) = (.io, "free space in \(folder) (df -h \(folder)) and try again")
    case EROFS: (exit, remedy) = (.cannotCreate, "mount it read-write, or name another directory")
    case EACCES, EPERM: (exit, remedy) = (.cannotCreate, DatabaseFile.ownership(of: folder))
    case ENOTDIR, EISDIR: (exit, remedy) = (.cannotCreate, "name another path")
    default: (exit, remedy) = (.io, "check the disk under \(folder) (dmesg, df -h \(folder))")
    }
    return Fault(
      operation, path, cause: code == ENOSPC ? "the disk is full" : String(cString: strerror(code)),
      remedy: remedy, exit: exit)
  }
}

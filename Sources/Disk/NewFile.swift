public import Domain
import Glibc

/// A file that appears under its name only when it is whole and on disk: it is written under a
/// temporary name in the same directory, and removed again unless it was committed.
///
/// It never writes through a symbolic link: one under the temporary name is removed, one under the
/// file's own name is replaced, and what they lead to stays as it is.
public struct NewFile: ~Copyable {
  /// The name that it takes.
  public let path: String
  /// The name that it has until then.
  public let temporary: String
  /// The open file, for what the system has to say of it meanwhile.
  public let descriptor: Int32
  private var isCommitted = false

  /// Who may read it.
  public enum Readers: Sendable {
    /// Its owner alone: databases hold what programs printed.
    case owner
    /// Everybody, as far as the process's mask permits: what a person asked for.
    case everybody

    var mode: mode_t { self == .owner ? 0o600 : 0o644 }
  }

  /// Begins a file. A leftover of the temporary name, of a process that was killed, is removed.
  ///
  /// - Throws: exit 73 when the path is of something else than a file, or cannot be made; 74 when the
  ///   disk refuses.
  public init(_ path: String, for readers: Readers = .owner) throws(Fault) {
    let temporary = Self.temporary(for: path)
    let descriptor = try Self.open(temporary, of: path, readers)
    (self.path, self.temporary, self.descriptor) = (path, temporary, descriptor)
  }

  deinit {
    if !isCommitted, isOurs { unlink(temporary) }
    close(descriptor)
  }

  /// Appends bytes.
  ///
  /// - Throws: exit 74 when the disk is full or fails.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileFault.of("write", path, count < 0 ? errno : ENOSPC) }
      rest = rest.dropFirst(count)
    }
  }

  /// Appends bytes.
  ///
  /// - Throws: exit 74 when the disk is full or fails.
  public func write(_ bytes: [UInt8]) throws(Fault) {
    let result = bytes.withUnsafeBytes { bytes -> Result<Void, Fault> in
      do throws(Fault) { return .success(try write(bytes)) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// Writes bytes at a place, wherever the end is.
  ///
  /// - Throws: exit 74 when the disk is full or fails.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(Fault) {
    try Self.write(bytes, at: offset, to: descriptor, of: path)
  }

  /// Writes bytes at a place of any open file, wherever its end is.
  ///
  /// - Throws: exit 74 when the disk is full or fails.
  public static func write(
    _ bytes: UnsafeRawBufferPointer, at offset: Int64, to descriptor: Int32, of path: String
  ) throws(Fault) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let count = pwrite(
        descriptor, part.baseAddress, part.count, Int(offset) + bytes.count - rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileFault.of("write", path, count < 0 ? errno : ENOSPC) }
      rest = rest.dropFirst(count)
    }
  }

  /// Makes it so long.
  ///
  /// - Throws: exit 74 when the disk refuses.
  public func truncate(to size: Int64) throws(Fault) {
    guard ftruncate(descriptor, Int(size)) == 0 else { throw FileFault.of("write", path, errno) }
  }

  /// Puts what was written so far on disk, so that the last wait for it is bounded however large the
  /// file is.
  ///
  /// - Throws: exit 74 when the disk refuses.
  public func flush() throws(Fault) {
    guard fdatasync(descriptor) == 0 else { throw FileFault.of("write", path, errno) }
  }

  /// Puts what was written on disk, and the file under its name, replacing one that is there.
  ///
  /// - Throws: exit 74 when the disk refuses, or another process took the temporary name away.
  public mutating func commit() throws(Fault) {
    guard isOurs else {
      throw Fault(
        "write", path, cause: "another process writes it too",
        remedy: "try again when it is done", exit: .tryAgain, isTransient: true)
    }
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
      throw FileFault.of("write", path, errno)
    }
    isCommitted = true
    try Folder.sync(FilePath.folder(of: path))
  }

  /// Writes a whole file.
  ///
  /// - Throws: exit 73 when it cannot be made, 74 when the disk refuses.
  public static func write(
    _ bytes: [UInt8], to path: String, for readers: Readers = .owner
  ) throws(Fault) {
    var file = try NewFile(path, for: readers)
    try file.write(bytes)
    try file.commit()
  }

  /// Writes a whole file of text.
  ///
  /// - Throws: exit 73 when it cannot be made, 74 when the disk refuses.
  public static func write(
    _ text: String, to path: String, for readers: Readers = .owner
  ) throws(Fault) {
    try write(Array(text.utf8), to: path, for: readers)
  }

  /// The name that a file has while it is written: hidden, in the same folder.
  public static func temporary(for path: String) -> String {
    FilePath.sibling(of: path, named: ".\(FilePath.name(of: path)).tmp")
  }

  private static func open(
    _ temporary: String, of path: String, _ readers: Readers
  ) throws(Fault) -> Int32 {
    var status = stat()
    if lstat(path, &status) == 0, ![S_IFREG, S_IFLNK].contains(status.st_mode & S_IFMT) {
      throw Fault(
        "write", path, cause: "something else than a file stands there",
        remedy: "name another file", exit: .cannotCreate)
    }
    guard unlink(temporary) == 0 || errno == ENOENT || errno == ENOTDIR else {
      throw FileFault.of("create", path, errno)
    }
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let descriptor = Glibc.open(temporary, flags, readers.mode)
    guard descriptor >= 0 else { throw FileFault.of("create", path, errno) }
    return descriptor
  }

  /// Whether the temporary name is still that of the open file: another process that writes the same
  /// file would have taken it.
  private var isOurs: Bool {
    var (named, opened) = (stat(), stat())
    return lstat(temporary, &named) == 0 && fstat(descriptor, &opened) == 0
      && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino
  }
}

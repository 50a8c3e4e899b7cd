public import Domain
import Glibc

/// Lists, makes and clears folders.
public enum Folder {
  /// The names in a folder in their order, but `.` and `..`; nil when there is no such folder.
  ///
  /// - Throws: exit 73 or 74 when it cannot be read.
  public static func namesIfAny(in path: String) throws(Fault) -> [String]? {
    guard let folder = opendir(path) else {
      if errno == ENOENT { return nil }
      throw FileFault.of("read", path, errno)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw FileFault.of("read", path, errno) }
    return names.sorted()
  }

  /// The names in a folder in their order, but `.` and `..`.
  ///
  /// - Throws: exit 66 when there is no such folder, 73 or 74 when it cannot be read.
  public static func names(in path: String) throws(Fault) -> [String] {
    guard let names = try namesIfAny(in: path) else { throw FileFault.of("read", path, ENOENT) }
    return names
  }

  /// Whether a path is that of a folder.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes one folder; one that is there is left as it is.
  ///
  /// - Throws: exit 73 or 74 when it cannot be made.
  public static func make(_ path: String) throws(Fault) {
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
      throw FileFault.of("make the directory", path, errno)
    }
  }

  /// Removes the files in a folder, not the folders in it. Links are removed, not followed. A folder
  /// that is not there is clear.
  ///
  /// - Throws: exit 74 when something cannot be removed.
  ///
  /// - Parameter isWanted: which of them, by their names.
  public static func clear(
    _ path: String, where isWanted: (String) -> Bool = { _ in true }
  ) throws(Fault) {
    for name in try namesIfAny(in: path) ?? [] where isWanted(name) {
      let file = "\(path)/\(name)"
      guard unlink(file) == 0 || errno == EISDIR || errno == EPERM || errno == ENOENT else {
        throw Fault(
          "remove", file, cause: String(cString: strerror(errno)),
          remedy: "remove it by hand: rm \(file)", exit: .io)
      }
    }
  }

  /// Makes renames and removals in a folder survive a power cut.
  ///
  /// - Throws: exit 73 or 74 when the disk refuses.
  public static func sync(_ path: String) throws(Fault) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault.of("open", path, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileFault.of("write", path, errno) }
  }
}

public import Domain
import Glibc

/// Reads and writes whole text files, with faults that say what to do.
public enum TextFile {
  /// The largest file that is read.
  public static let maximumSizeBytes = 16 << 20

  /// The text of a file.
  ///
  /// - Throws: exit 66 when there is none, 65 when it is no text or too large, 74 when reading fails.
  public static func read(_ path: String, remedy: String? = nil) throws(Fault) -> String {
    let bytes = try bytes(of: path, limit: maximumSizeBytes, remedy: remedy)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault("read", path, cause: "it is not UTF-8 text", exit: .data)
    }
    return text
  }

  /// The bytes of a file.
  ///
  /// - Throws: exit 66 when there is none, 65 when it is too large, 74 when reading fails.
  public static func bytes(
    of path: String, limit: Int, remedy: String? = nil
  ) throws(Fault) -> [UInt8] {
    guard let file = fopen(path, "rbe") else {
      throw Fault(
        "read", path, cause: String(cString: strerror(errno)), remedy: remedy, exit: .noInput)
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      bytes += buffer.prefix(count)
      if bytes.count > limit {
        throw Fault(
          "read", path, cause: "it is larger than \(limit) bytes", exit: .data)
      }
      if count < buffer.count { break }
    }
    guard ferror(file) == 0 else {
      throw Fault("read", path, cause: "reading failed", exit: .io)
    }
    return bytes
  }

  /// The text of a file, or nil where it cannot be had and only an illustration is lost.
  public static func contents(_ path: String) -> String? {
    do { return try read(path) } catch { return nil }
  }

  /// Whether something stands at a path.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Writes a new file, whole or not at all.
  ///
  /// - Throws: exit 73 when it exists already or cannot be made, 74 when the disk refuses.
  public static func create(_ path: String, _ text: String, replace: Bool = false) throws(Fault) {
    if !replace, exists(path) {
      throw Fault(
        "write", path, cause: "it exists already", remedy: "remove it, or choose another directory",
        exit: .cannotCreate)
    }
    let temporary = path + ".new"
    guard let file = fopen(temporary, "wbe") else {
      throw Fault("write", path, cause: String(cString: strerror(errno)), exit: .cannotCreate)
    }
    let wrote = fputs(text, file) >= 0 && fflush(file) == 0 && fsync(fileno(file)) == 0
    fclose(file)
    guard wrote, rename(temporary, path) == 0 else {
      let cause = String(cString: strerror(errno))
      unlink(temporary)
      throw Fault("write", path, cause: cause, exit: .io)
    }
  }

  /// Makes a directory and those above it, where they are missing.
  public static func makeDirectory(_ path: String) throws(Fault) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/\(part)"
      if mkdir(made, 0o755) != 0, errno != EEXIST {
        throw Fault(
          "make the directory", made, cause: String(cString: strerror(errno)),
          remedy: "choose another place, or make it writable: sudo chown \(geteuid()) \(made)",
          exit: .cannotCreate)
      }
    }
  }
}

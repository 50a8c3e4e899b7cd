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
  /// - Throws: exit 66 when there is none or it may not be read, 65 when it is too large, 74 when
  ///   reading fails.
  public static func bytes(
    of path: String, limit: Int, remedy: String? = nil
  ) throws(Fault) -> [UInt8] {
    do {
      return try InputFile.contents(path, limit: limit)
    } catch {
      guard error.exit == .noInput || error.exit == .cannotCreate else { throw error }
      // What is there and may not be read is not mended by writing another.
      let own = error.exit == .noInput ? remedy : nil
      throw Fault(
        "read", path, cause: error.cause, remedy: own ?? readable(path, error), exit: .noInput)
    }
  }

  private static func readable(_ path: String, _ fault: Fault) -> String? {
    access(path, F_OK) == 0 && access(path, R_OK) != 0
      ? "make it readable: chmod a+r \(path)" : fault.exit == .noInput ? nil : fault.remedy
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
        "write", path, cause: "it exists already", remedy: "move it away, or choose another name",
        exit: .cannotCreate)
    }
    try NewFile.write(text, to: path, for: .everybody)
  }

  /// Makes a directory and those above it, where they are missing.
  public static func makeDirectory(_ path: String) throws(Fault) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/\(part)"
      if mkdir(made, 0o755) != 0, errno != EEXIST {
        let code = errno
        throw Fault(
          "make the directory", made, cause: String(cString: strerror(code)),
          remedy: code == EACCES
            ? "choose another place, or make the folder above it writable"
            : "choose another place", exit: .cannotCreate)
      }
    }
  }
}

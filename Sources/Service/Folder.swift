public import Domain
import Glibc

/// Clears folders.
public enum Folder {
  /// Removes the files in a folder, not the folders in it. Links are removed, not followed. A folder
  /// that is not there is clear.
  ///
  /// - Throws: exit 74 when something cannot be removed.
  public static func clear(_ path: String) throws(Fault) {
    guard let folder = opendir(path) else { return }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append("\(path)/\(name)") }
    }
    for file in names {
      guard unlink(file) == 0 || errno == EISDIR || errno == EPERM || errno == ENOENT else {
        throw Fault(
          "remove", file, cause: String(cString: strerror(errno)),
          remedy: "remove it by hand: rm \(file)", exit: .io)
      }
    }
  }
}

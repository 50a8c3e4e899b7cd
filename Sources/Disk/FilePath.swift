import Glibc

/// The parts of a file's path, and where it leads.
public enum FilePath {
  /// The folder of a file: `.` where the path names none.
  public static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The name of a file in its folder.
  public static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// The file that a path leads to: what lies beside a file lies beside that one, whatever links
  /// lead there. A path that is no link, or of nothing, is what it leads to.
  public static func target(of path: String) -> String {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK,
      let real = realpath(path, nil)
    else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// The path of another file in the folder of a file, without a `./` that the path does not have.
  public static func sibling(of path: String, named name: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return name }
    return "\(path[...slash])\(name)"
  }
}

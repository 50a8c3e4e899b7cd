import Glibc
import Synchronization

/// The time zones of this system: the files of its `tzdata` package.
///
/// The zone of the host itself is never asked for. Zones are kept once read, so an update of the
/// package is seen by the next start.
public enum ZoneDatabase {
  /// Where systems keep the files.
  static let directories = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"]
  /// The largest file that is read; the largest real one has 4 kB.
  static let maximumFileBytes = 262_144
  /// The longest name that is looked for.
  static let maximumNameCharacters = 64

  private static let cache = Mutex<[String: Zone]>([:])

  /// The zone of a name such as `America/New_York`. `UTC` needs no files.
  ///
  /// - Throws: a `Fault` that proposes the nearest name when there is no such zone, the package
  ///   when there are no files at all, and tells what is wrong with a damaged file.
  public static func zone(_ name: String) throws(Fault) -> Zone {
    if name == Zone.utc.name { return .utc }
    if let known = cache.withLock({ $0[name] }) { return known }
    let zone = try read(name)
    cache.withLock { $0[name] = zone }
    return zone
  }

  /// The release of the database, such as `2025b`; nil when the system does not say.
  public static var version: String? {
    for directory in directories {
      if let text = firstLine(of: "\(directory)/tzdata.zi"), text.hasPrefix("# version ") {
        return String(text.dropFirst("# version ".count).prefix(32))
      }
      if let text = firstLine(of: "\(directory)/+VERSION"), !text.isEmpty {
        return String(text.prefix(32))
      }
    }
    return nil
  }

  /// The names of all zones, sorted.
  public static var names: [String] {
    for directory in directories {
      let names = list(directory, prefix: "", depth: 0)
      if !names.isEmpty { return (names + [Zone.utc.name]).sortedUniquely }
    }
    return [Zone.utc.name]
  }

  private static func read(_ name: String) throws(Fault) -> Zone {
    guard isPlausible(name) else { throw unknown(name) }
    for directory in directories {
      let path = "\(directory)/\(name)"
      guard let bytes = contents(of: path, limit: maximumFileBytes) else { continue }
      do {
        return Zone(name: name, table: try ZoneFile.table(bytes))
      } catch {
        throw Fault(
          "read the time zone", "`\(name)`", cause: "\(path) is damaged: \(error.cause)",
          remedy: "reinstall the system's tzdata package", exit: .configuration)
      }
    }
    throw unknown(name)
  }

  /// Whether a text may name a zone's file: no way out of the directory, and none of the parts of it
  /// that are not zones (`posix/`, `right/` with leap seconds, `localtime`, `leapseconds`).
  static func isPlausible(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return name.utf8.count <= maximumNameCharacters && parts.count <= 3
      && parts.allSatisfy { part in
        guard let first = part.utf8.first, first >= 65, first <= 90 else { return false }
        return part.utf8.allSatisfy {
          ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57)
            || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
        }
      }
  }

  private static func unknown(_ name: String) -> Fault {
    let names = names
    let shown = "`\(name.prefix(maximumNameCharacters))`"
    guard names.count > 1 else {
      return Fault(
        "read the time zone", shown, cause: "this system has no time zone files",
        remedy: "install the tzdata package, or use UTC", exit: .configuration)
    }
    return Fault(
      "read the time zone", shown, cause: "there is no such zone",
      remedy: ZoneNames.nearest(to: name, in: names).map { "did you mean \($0)?" }
        ?? "use a name such as America/New_York; `ls \(directories[0])` lists them",
      exit: .configuration)
  }

  private static func list(_ directory: String, prefix: String, depth: Int) -> [String] {
    guard depth < 3, let handle = opendir(directory) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let type = entry.pointee.d_type
      let file = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard isPlausible(file) else { continue }
      if type == DT_DIR {
        names += list("\(directory)/\(file)", prefix: "\(prefix)\(file)/", depth: depth + 1)
      } else {
        names.append(prefix + file)
      }
    }
    return names
  }

  private static func firstLine(of path: String) -> String? {
    contents(of: path, limit: maximumFileBytes, firstBytes: 256).map { bytes in
      String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
    }
  }

  /// The bytes of a regular file, nil when there is none or it is larger than the limit. With
  /// `firstBytes`, only so many.
  private static func contents(of path: String, limit: Int, firstBytes: Int? = nil) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size <= limit
    else { return nil }
    let wanted = min(Int(status.st_size), firstBytes ?? limit)
    var bytes = [UInt8](repeating: 0, count: wanted)
    var count = 0
    while count < wanted {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress! + count, wanted - count)
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      count += got
    }
    return Array(bytes.prefix(count))
  }
}

extension [String] {
  fileprivate var sortedUniquely: [String] {
    sorted().reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }
}

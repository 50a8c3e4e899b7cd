import Disk
public import Domain
import Glibc

/// The halt beside the database: a file, `carillon.db.halt`, that halts trading as long as it is
/// there, whatever it says.
///
/// The gate looks at it before each order, and it needs no database: the brake works on one that is
/// full, locked, damaged or being restored, and in a container without a shell: whoever can reach the
/// folder halts with `touch`.
public struct HaltFile: Hashable, Sendable {
  /// Where it is.
  public let path: String

  /// What is read of it.
  private static let maximumBytes = 4096

  /// The file beside a database.
  public init(database: String) { path = FilePath.target(of: database) + ".halt" }

  /// The halt that the file is; nil when there is none.
  public var halt: Halt? {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      // Where it cannot be told whether the file is there, it is taken to be.
      return errno == ENOENT ? nil : halt(since: .epoch, text: nil)
    }
    return halt(since: Instant(seconds: Int64(status.st_mtim.tv_sec)), text: text)
  }

  private func halt(since: Instant, text: String?) -> Halt {
    let said = text.flatMap { $0.isEmpty ? nil : $0 } ?? "the file \(path) is there"
    return Halt(level: .noNew, reason: said, source: "halt file", since: since)
  }

  /// Its first line; nil when it cannot be read.
  private var text: String? {
    do {
      let bytes = try InputFile.contents(path, limit: Self.maximumBytes)
      let line = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
      return String(line.drop { $0.isWhitespace })
    } catch {
      return nil
    }
  }

  /// Makes the file. One that is there stays as it is: the first reason is the one that matters.
  ///
  /// - Throws: exit 73 or 74 when not even an empty file can be made.
  public func make(reason: String) throws(Fault) {
    guard halt == nil else { return }
    do {
      try NewFile.write("\(reason)\n", to: path, for: .everybody)
    } catch {
      // A full disk often has room for an empty file, and an empty file is enough.
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
      let descriptor = open(path, flags, 0o644)
      guard descriptor >= 0 else {
        if errno == EEXIST { return }
        throw error
      }
      close(descriptor)
    }
  }

  /// Removes the file.
  ///
  /// - Returns: whether there was one.
  /// - Throws: exit 73 or 74 when it cannot be removed: then trading stays halted.
  @discardableResult
  public func remove() throws(Fault) -> Bool {
    guard unlink(path) != 0 else { return true }
    guard errno == ENOENT else { throw FileFault.of("remove the halt file", path, errno) }
    return false
  }
}

import CLinux
public import Domain
import Glibc

/// A line of text beside a database that one holder has at a time, in this process or another, and that a
/// restored snapshot does not set back.
public final class LockedLine: Sendable {
  /// The most bytes of the line.
  public static let maximumBytes = 120

  private let file: LockFile
  private let path: String

  private init(file: consuming LockFile, path: String) {
    self.file = file
    self.path = path
  }

  /// The line of a name, for whoever keeps what is returned; nil while somebody else has it.
  ///
  /// - Parameters:
  ///   - name: letters, digits and hyphens.
  ///   - database: the path of the database file.
  /// - Throws: exit 73 or 74 when there can be no such file.
  public static func take(_ name: String, of database: String) throws(Fault) -> LockedLine? {
    let folder = LockFolder(database: database)
    try folder.make()
    let path = "\(folder.path)/\(name)"
    guard let file = try LockFile(opening: path, create: true) else {
      preconditionFailure("a file that is to be made is made, or opening it throws")
    }
    guard file.take(shared: false) else { return nil }
    return LockedLine(file: file, path: path)
  }

  /// The line, without blanks at its end; empty when nothing was ever written.
  public var text: String {
    var line = file.firstLine()[...]
    while line.last == " " { line = line.dropLast() }
    return String(line)
  }

  /// Replaces the line. It outlives the process, though not the machine: nobody waits for the disk.
  ///
  /// - Throws: exit 73 or 74 when it cannot be written.
  public func write(_ text: String) throws(Fault) {
    precondition(text.utf8.count <= Self.maximumBytes, "the line is short")
    let code = file.replaceLine(text, length: Self.maximumBytes)
    if code != 0 { throw LockFile.fault("write", path, code) }
  }
}

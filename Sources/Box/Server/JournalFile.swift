public import Domain
import Glibc

/// The file that the record of an exchange goes to, a line at a time, at once.
public final class JournalFile: Sendable {
  private let path: String
  private let descriptor: Int32

  /// Opens a file to write behind what is there, or makes it.
  ///
  /// - Throws: `Fault` 73 when it cannot be had.
  public init(_ path: String) throws(Fault) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Fault(
        "write the journal", path, cause: String(cString: strerror(errno)),
        remedy: "choose a place that can be written: --journal FILE", exit: .cannotCreate)
    }
  }

  deinit { close(descriptor) }

  /// Writes lines.
  ///
  /// - Throws: `Fault` 74 when the disk refuses.
  func append(_ lines: [String]) throws(Fault) {
    var text = Array((lines.joined(separator: "\n") + "\n").utf8)[...]
    while !text.isEmpty {
      let count = text.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw Fault(
          "write the journal", path, cause: String(cString: strerror(errno)),
          remedy: "make room on the disk", exit: .io)
      }
      text = text.dropFirst(count)
    }
  }
}

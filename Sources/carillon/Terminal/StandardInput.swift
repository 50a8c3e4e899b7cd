import Disk
import Domain
import Service

/// Standard input, read whole.
enum StandardInput {
  /// What messages call it.
  static let name = "standard input"

  /// Its text.
  ///
  /// - Throws: exit 65 when it is longer than a file may be.
  static func text(limitBytes: Int = TextFile.maximumSizeBytes) throws(Fault) -> String {
    var text = ""
    while let line = readLine(strippingNewline: false) {
      text += line
      guard text.utf8.count <= limitBytes else {
        throw Fault("read", name, cause: "it is larger than \(limitBytes) bytes", exit: .data)
      }
    }
    return text
  }
}

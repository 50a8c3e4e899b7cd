import Glibc

/// Texts as C wants them: an array of pointers that ends with a null.
enum CStrings {
  /// Calls a body with copies of the texts, which are gone after it.
  static func with<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var copies = texts.map { strdup($0) } + [nil]
    defer { copies.forEach { free($0) } }
    return copies.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else {
        preconditionFailure("it holds the null at least")
      }
      return body(start)
    }
  }
}

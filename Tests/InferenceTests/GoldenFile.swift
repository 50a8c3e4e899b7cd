import Glibc
import Testing

/// Files that tests read: tables of numbers and models.
enum GoldenFile {
  /// The folder of the repository's own goldens, beside this file.
  static let folder =
    "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false)
    .dropLast().joined(separator: "/") + "/Goldens"

  /// The folder of goldens too large for the repository; nil where `CARILLON_SHARED` is unset.
  static let shared = getenv("CARILLON_SHARED").map { String(cString: $0) + "/golden/models" }

  /// What a suite says that is left out without them.
  static let lackOfShared: Comment =
    "left out: CARILLON_SHARED is not set, so nothing is compared with these models"

  /// The bytes of a file; an empty array and a failed expectation where it cannot be read.
  static func bytes(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw Missing(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { return bytes }
      bytes += chunk[0..<count]
    }
  }

  /// The names of the files of a folder that end so, without the ending, in order.
  static func names(in folder: String, ending: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(ending) { names.append(String(name.dropLast(ending.count))) }
    }
    return names.sorted()
  }

  struct Missing: Error { let path: String }
}

/// A CSV of numbers with a header.
struct NumberTable {
  let header: [String]
  let rows: [[Double]]

  init(_ path: String, hasHeader: Bool = true) throws {
    let text = String(decoding: try GoldenFile.bytes(path), as: UTF8.self)
    var lines = text.split(separator: "\n").map { $0.split(separator: ",") }
    header = hasHeader ? lines.removeFirst().map(String.init) : []
    rows = try lines.map { try $0.map { try Self.number($0) } }
  }

  private static func number(_ text: Substring) throws -> Double {
    guard let number = Double(text) else { throw GoldenFile.Missing(path: "number \(text)") }
    return number
  }
}

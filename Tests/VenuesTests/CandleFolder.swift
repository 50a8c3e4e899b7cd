import Glibc
import Testing

/// A directory of files for one test, removed with its owner.
final class CandleFolder {
  let path: String

  init(_ files: [String: String] = [:]) throws {
    var template = Array("/tmp/carillon-candles-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
    for (name, text) in files { try write(name, text) }
  }

  /// Puts a file in place by a rename, as the documentation asks for.
  func write(_ name: String, _ text: String) throws {
    let temporary = "\(path)/.\(name)"
    let file = try #require(fopen(temporary, "w"))
    #expect(fputs(text, file) >= 0)
    #expect(fclose(file) == 0)
    #expect(rename(temporary, "\(path)/\(name)") == 0)
  }

  deinit {
    guard let stream = opendir(path) else { return }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    closedir(stream)
    for name in names where name != "." && name != ".." { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}

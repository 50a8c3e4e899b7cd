import Foundation

/// The repository that this file stands in, read as text.
struct Repository {
  /// Folders that hold what was built or fetched, never what was written.
  private static let skippedFolders: Set<String> = [
    ".git", ".build", ".swiftpm", ".venv", "__pycache__", "demo", "node_modules",
  ]
  /// A worktree's pointer to its repository.
  private static let skippedFiles: Set<String> = [".git"]
  private static let textEndings: Set<String> = [
    "", "awk", "c", "csv", "example", "h", "html", "json", "md", "modulemap", "py", "sh", "sql",
    "swift", "toml", "txt", "yaml", "yml",
  ]

  let root: URL

  /// The repository around this source file.
  static let here = Repository(
    root: URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
      .deletingLastPathComponent()
      .deletingLastPathComponent())

  /// The text of a file, by its path from the root.
  func text(of path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  /// The paths of all files that people wrote, from the root, sorted.
  func files(under folder: String = "") throws -> [String] {
    let path = folder.isEmpty ? root.path : root.appending(path: folder).path
    var found: [String] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      let full = folder.isEmpty ? name : "\(folder)/\(name)"
      if isFolder(full) {
        let isBuilt = Self.skippedFolders.contains(name) || name.hasPrefix(".build")
        if !isBuilt { found += try files(under: full) }
      } else if !Self.skippedFiles.contains(name) {
        found.append(full)
      }
    }
    return found.sorted()
  }

  private func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(
      atPath: root.appending(path: path).path, isDirectory: &isFolder)
    return isThere && isFolder.boolValue
  }

  /// The files that can be read as text: what has another ending is data.
  func textFiles() throws -> [String] {
    try files().filter { path in
      let name = path.split(separator: "/").last.map(String.init) ?? path
      let dot = name.dropFirst().lastIndex(of: ".")
      return Self.textEndings.contains(dot.map { String(name[name.index(after: $0)...]) } ?? "")
    }
  }

  /// The Swift sources under a folder, taken apart.
  func swiftSources(under folder: String) throws -> [SwiftSource] {
    try Self.sources.get().filter { $0.path.hasPrefix(folder + "/") }
  }

  /// All Swift sources, taken apart once for all suites.
  private static let sources = Result {
    try ["Sources", "Tests"].flatMap { folder in
      try here.files(under: folder).filter { $0.hasSuffix(".swift") }.map {
        SwiftSource(path: $0, text: try here.text(of: $0))
      }
    }
  }
}

import Domain

/// Names in one column, a line each: readable in any SQLite shell, and no name holds a line feed.
enum NameList {
  static func joined(_ names: [String]) throws -> String {
    guard names.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(10) }) else {
      throw Fault(
        "store", "names of features", cause: "a name is empty or has several lines", exit: .data)
    }
    return names.joined(separator: "\n")
  }

  static func split(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
}

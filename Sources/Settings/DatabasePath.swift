import StrictYAML

extension Settings {
  /// The database's path alone, of a settings file that may be broken elsewhere: what must work when
  /// all else fails, a halt, needs nothing more.
  ///
  /// - Parameters:
  ///   - text: the file's text, valid or not.
  ///   - file: its path, for resolving a relative one.
  ///   - environment: the process's environment; `CARILLON_DATABASE__PATH` is laid over the file.
  public static func databasePath(
    in text: String, file: String, environment: [String: String]
  ) -> String {
    let named = environment["CARILLON_DATABASE__PATH"] ?? path(ofDocument: text, file: file)
    let path = named.flatMap { $0.isEmpty ? nil : $0 } ?? "carillon.db"
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    let folder = file[..<slash]
    return folder == "." ? path : "\(folder)/\(path)"
  }

  private static func path(ofDocument text: String, file: String) -> String? {
    do {
      let root = try YAMLDocument.parse(text, file: file)
      return root.value(of: "database")?.value(of: "path")?.text
    } catch {
      return path(ofLines: text)
    }
  }

  /// Reads what looks like the path where the text is no YAML: the first `path:` of the block, or of
  /// the braces, that begins with `database:` at the margin.
  private static func path(ofLines text: String) -> String? {
    var isInside = false
    for line in text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline) {
      var rest = line
      if line.hasPrefix("database:") {
        isInside = true
        rest = line.dropFirst("database:".count)
      } else if let first = line.first, first != " ", first != "\t", first != "#" {
        isInside = false
      }
      guard isInside, let key = rest.firstRange(of: "path:") else { continue }
      let value = rest[key.upperBound...].drop { $0 == " " }
      if let quote = value.first, quote == "\"" || quote == "'" {
        return String(value.dropFirst().prefix { $0 != quote })
      }
      let end = value.prefix { $0 != "," && $0 != "}" && $0 != "#" }
      return String(end.reversed().drop { $0 == " " }.reversed())
    }
    return nil
  }
}

extension YAMLNode {
  /// The value of a key of a mapping; nil where there is none, or no mapping.
  fileprivate func value(of key: String) -> YAMLNode? {
    entries?.first { $0.key.text == key }?.value
  }
}

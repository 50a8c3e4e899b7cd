import Domain
private import Yams

/// Reads a file of strict YAML: the part of YAML 1.2 that cannot surprise.
///
/// Mappings, lists, quoted and plain texts and block texts; no aliases, anchors, tags, directives,
/// merge keys, second documents, tabs, or keys given twice. What a plain text means is decided by
/// whoever reads it, so `on`, `1:30` and `1e3` are never turned into something else.
public enum YAMLDocument {
  /// The largest text that is read, in bytes of UTF-8.
  public static let maximumSizeBytes = 1 << 20

  /// The document of a text; an empty one is a `null`.
  ///
  /// - Parameters:
  ///   - text: The content of the file.
  ///   - file: The file's name in places and messages.
  /// - Throws: All mistakes that could be found, each with its place.
  public static func parse(_ text: String, file: String) throws(Diagnostics) -> YAMLNode {
    let start = SourceLocation(file: file, line: 1, column: 1)
    guard text.utf8.count <= maximumSizeBytes else {
      throw Diagnostics([
        Diagnostic(
          at: start,
          "the file has \(text.utf8.count) bytes; more than \(maximumSizeBytes) are not read")
      ])
    }
    let text =
      text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    let lines = SourceText.lines(of: text)
    let refusals = SubsetCheck.mistakes(in: lines, file: file)
    guard refusals.isEmpty else { throw Diagnostics(refusals) }

    var composition = Composition(lines: lines, file: file)
    let root: Node?
    do {
      root = try composition.compose(text)
    } catch {
      throw Diagnostics([ParserComplaint.diagnostic(of: error, file: file)])
    }
    guard let root else { return YAMLNode(.null, at: start) }
    let converted = composition.convert(root, path: nil, depth: 0)
    guard composition.mistakes.isEmpty else { throw Diagnostics(composition.mistakes) }
    return converted
  }
}

/// Turns the parser's nodes into ours, and finds keys that are given twice.
///
/// The parser refuses such keys too, but tells one place only. So the first of the two is renamed to
/// a private character, in the text, and the text parsed again; the conversion gives it its name back
/// and so sees both.
private struct Composition {
  private(set) var lines: [[Unicode.Scalar]]
  let file: String
  private(set) var mistakes: [Diagnostic] = []
  private var renamed: [SourceLocation: String] = [:]

  /// So many keys given twice are named; parsing again for each takes time.
  static let maximumRenamedKeys = 20

  init(lines: [[Unicode.Scalar]], file: String) { (self.lines, self.file) = (lines, file) }

  mutating func compose(_ text: String) throws -> Node? {
    var text = text
    while true {
      do {
        return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        let mark = context.mark
        guard let key = keys.first, rename(key, at: place(mark)) else {
          throw YamlError.duplicatedKeysInMapping(duplicates: keys, context: context)
        }
        var view = String.UnicodeScalarView()
        for line in lines {
          view.append(contentsOf: line)
          view.append("\n")
        }
        text = String(view)
      }
    }
  }

  /// Puts a character of the private use area in place of the first one of a key.
  private mutating func rename(_ key: String, at place: SourceLocation) -> Bool {
    let (row, column) = (place.line - 1, place.column - 1)
    guard renamed.count < Self.maximumRenamedKeys, renamed[place] == nil, !key.isEmpty,
      lines.indices.contains(row), lines[row].indices.contains(column),
      let stand = Unicode.Scalar(0xE000 + renamed.count)
    else { return false }
    let quoted = lines[row][column] == "\"" || lines[row][column] == "'"
    let target = quoted ? column + 1 : column
    guard lines[row].indices.contains(target), lines[row][target] == key.unicodeScalars.first
    else { return false }
    lines[row][target] = stand
    renamed[place] = key
    return true
  }

  private func place(_ mark: Mark?) -> SourceLocation {
    SourceLocation(file: file, line: max(1, mark?.line ?? 1), column: max(1, mark?.column ?? 1))
  }

  /// - Parameter path: The name of the mapping that the node is the value of, for messages.
  mutating func convert(_ node: Node, path: String?, depth: Int) -> YAMLNode {
    // `node.mark` would copy the node.
    let location =
      switch node {
      case .scalar(let scalar): place(scalar.mark)
      case .mapping(let mapping): place(mapping.mark)
      case .sequence(let sequence): place(sequence.mark)
      case .alias(let alias): place(alias.mark)
      }
    guard depth <= SubsetCheck.maximumDepthLevels else {
      mistakes.append(
        Diagnostic(
          at: location, "nested deeper than \(SubsetCheck.maximumDepthLevels) levels"))
      return YAMLNode(.null, at: location)
    }
    switch node {
    case .scalar(let scalar):
      return convert(scalar, at: location)
    case .sequence(let sequence):
      refuse(sequence.anchor, at: location)
      return YAMLNode(
        .sequence(sequence.map { convert($0, path: path, depth: depth + 1) }), at: location)
    case .mapping(let mapping):
      refuse(mapping.anchor, at: location)
      return YAMLNode(.mapping(entries(of: mapping, path: path, depth: depth)), at: location)
    case .alias(let alias):
      refuse(alias.anchor, at: location)
      return YAMLNode(.null, at: location)
    }
  }

  private mutating func entries(
    of mapping: Node.Mapping, path: String?, depth: Int
  ) -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    var first: [String: Int] = [:]
    for (keyNode, valueNode) in mapping {
      let key = convert(keyNode, path: path, depth: depth + 1)
      guard let name = key.text else {
        mistakes.append(Diagnostic(at: key, "a key must be a text, not \(key.noun)"))
        continue
      }
      if let line = first[name] {
        let place = path.map { " in `\($0)`" } ?? ""
        mistakes.append(
          Diagnostic(
            at: key, "`\(name)` given twice\(place) (first on line \(line))", mend: "remove one"))
      } else {
        first[name] = key.location.line
      }
      let value = convert(valueNode, path: name, depth: depth + 1)
      entries.append(YAMLNode.Entry(key: key, value: value))
    }
    return entries
  }

  private mutating func convert(_ scalar: Node.Scalar, at location: SourceLocation) -> YAMLNode {
    refuse(scalar.anchor, at: location)
    let text = renamed[location] ?? scalar.string
    let row = lines.indices.contains(location.line - 1) ? lines[location.line - 1] : []
    let start = location.column - 1
    switch scalar.style {
    case .literal, .folded:
      return YAMLNode(.scalar(text, .quoted), at: location)
    case .singleQuoted, .doubleQuoted:
      return YAMLNode(
        .scalar(text, .quoted), at: location, length: Self.quotedLength(in: row, from: start))
    case .any, .plain:
      if text.isEmpty || text == "~" || text == "null" {
        return YAMLNode(.null, at: location, length: text.unicodeScalars.count)
      }
      let length = text.unicodeScalars.count
      if renamed[location] == nil,
        !row.dropFirst(start).prefix(length).elementsEqual(text.unicodeScalars)
      {
        mistakes.append(
          Diagnostic(
            at: location, "a plain text must end on its line",
            mend: "check the indentation of the next line, or put the text in quotes"))
      }
      return YAMLNode(.scalar(text, .plain), at: location, length: length)
    }
  }

  private static func quotedLength(in row: [Unicode.Scalar], from start: Int) -> Int {
    guard row.indices.contains(start) else { return 1 }
    let quote = row[start]
    var index = start + 1
    while index < row.count {
      if row[index] == "\\", quote == "\"" {
        index += 1
      } else if row[index] == quote {
        guard quote == "'", index + 1 < row.count, row[index + 1] == quote else {
          return index + 1 - start
        }
        index += 1
      }
      index += 1
    }
    return max(1, row.count - start)
  }

  /// `SubsetCheck` has refused anchors before; this is the second lock on the door.
  private mutating func refuse(_ anchor: Anchor?, at location: SourceLocation) {
    guard anchor != nil else { return }
    mistakes.append(Diagnostic(at: location, "YAML anchors are not accepted"))
  }
}

/// What the parser complains of, in our words where it is a common mistake.
private enum ParserComplaint {
  static func diagnostic(of error: any Error, file: String) -> Diagnostic {
    func at(_ mark: Mark) -> SourceLocation {
      SourceLocation(file: file, line: max(1, mark.line), column: max(1, mark.column))
    }
    let start = SourceLocation(file: file, line: 1, column: 1)
    guard let error = error as? YamlError else {
      return Diagnostic(at: start, "this is not YAML: \(error)")
    }
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let opened = context.map { ", \($0.text) that began on line \($0.mark.line)" } ?? ""
      return Diagnostic(
        at: at(mark), "this is not YAML: \(problem)\(opened)", mend: mend(of: problem))
    case .duplicatedKeysInMapping(let keys, let context):
      let key = keys.first.map { "`\($0)`" } ?? "a key"
      return Diagnostic(at: at(context.mark), "\(key) given twice", mend: "remove one")
    case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem),
      .representer(let problem):
      return Diagnostic(at: start, "this is not YAML: \(problem)")
    case .no, .memory, .dataCouldNotBeDecoded:
      return Diagnostic(at: start, "this is not YAML")
    }
  }

  /// Keyed by libyaml's texts; one that it rewords costs us the mend only.
  private static func mend(of problem: String) -> String? {
    switch problem {
    case "mapping values are not allowed in this context":
      "a second `:` on this line: put the text in quotes, or mind the indentation"
    case "did not find expected key":
      "mind the indentation: keys of one mapping start in one column"
    case "could not find expected ':'": "a key is followed by a colon and a space"
    case "did not find expected ',' or '}'": "separate with `,` and close with `}`"
    case "did not find expected ',' or ']'": "separate with `,` and close with `]`"
    case "did not find expected '-' indicator": "every item of a list starts with `- `"
    default: nil
    }
  }
}

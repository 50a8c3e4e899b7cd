import Domain

/// Refuses what Carillon's YAML leaves out, before the parser sees it, in words for people who do not
/// know YAML well: aliases (an unquoted `*`), anchors, tags, directives, several documents, tabs,
/// control characters, texts over several lines without a block sign, and deep nesting.
///
/// It reads tokens line by line and never judges structure, which is the parser's work.
struct SubsetCheck {
  private let file: String
  private let lines: [[Unicode.Scalar]]
  private var found: [Diagnostic] = []
  /// The line that is read, from 0.
  private var row = 0
  /// The character that is read, from 0.
  private var index = 0
  /// Brackets and braces that are open.
  private var open = 0
  /// Whether a value, a key or a sign may begin here.
  private var atTokenStart = true
  /// While inside a block text: the column that its lines must be right of.
  private var blockParent: Int?
  /// Columns of the blocks that the line stands in.
  private var indents: [Int] = []
  private var seenContent = false

  /// The deepest nesting, in levels.
  static let maximumDepthLevels = 32
  /// After so many mistakes the rest of the file is not read: they have one cause.
  static let maximumMistakes = 50

  init(_ lines: [[Unicode.Scalar]], file: String) { (self.lines, self.file) = (lines, file) }

  static func mistakes(in lines: [[Unicode.Scalar]], file: String) -> [Diagnostic] {
    var check = SubsetCheck(lines, file: file)
    check.run()
    return check.found
  }

  private var line: [Unicode.Scalar] { lines[row] }

  private mutating func run() {
    for row in lines.indices where found.count < Self.maximumMistakes {
      self.row = row
      readLine()
    }
  }

  private mutating func readLine() {
    let indent = line.prefix { $0 == " " }.count
    refuseControls()
    guard indent < line.count else { return }
    if let parent = blockParent {
      if indent > parent { return }
      blockParent = nil
    }
    index = indent
    if open == 0 {
      atTokenStart = true
      if indent == 0, readDocumentMark() { return }
      guard enterBlock(at: indent) else { return }
    }
    while index < line.count, found.count < Self.maximumMistakes { readToken() }
  }

  /// Reports the characters that may not stand anywhere, once a line.
  private mutating func refuseControls() {
    guard let bad = line.firstIndex(where: { SourceText.isControl($0) }) else { return }
    let scalar = line[bad]
    if scalar == "\t" {
      refuse(at: bad, "a tab: YAML counts spaces only", mend: "use spaces")
    } else {
      refuse(at: bad, "\(SourceText.name(of: scalar)) is not allowed", mend: "delete it")
    }
  }

  /// Handles `---`, `...` and `%` at the start of a line; whether the line is done with.
  private mutating func readDocumentMark() -> Bool {
    if line[0] == "%" {
      refuse(at: 0, "YAML directives are not accepted", mend: "delete this line")
      return true
    }
    let mark = line.prefix(3).elementsEqual("---".unicodeScalars)
    let end = line.prefix(3).elementsEqual("...".unicodeScalars)
    guard mark || end, line.count == 3 || line[3] == " " else { return false }
    if end || seenContent {
      refuse(at: 0, length: 3, "one file holds one document", mend: "delete this line")
      return true
    }
    seenContent = true
    index = 3
    return false
  }

  /// Notes the indentation of a block line; false when it is too deep.
  private mutating func enterBlock(at indent: Int) -> Bool {
    guard index < line.count, line[index] != "#" else { return true }
    seenContent = true
    while let last = indents.last, last >= indent { indents.removeLast() }
    indents.append(indent)
    return checkDepth()
  }

  private mutating func checkDepth() -> Bool {
    guard indents.count + open > Self.maximumDepthLevels else { return true }
    refuse(at: index, "nested deeper than \(Self.maximumDepthLevels) levels")
    index = line.count
    return false
  }

  private mutating func readToken() {
    switch line[index] {
    case " ", "\t": index += 1
    case "#" where index == 0 || line[index - 1] == " ": index = line.count
    case "[", "{":
      if atTokenStart {
        open += 1
        index += 1
        _ = checkDepth()
      } else {
        index += 1
      }
    case "]", "}":
      if open > 0 {
        open -= 1
        atTokenStart = false
        index += 1
      } else {
        readPlain()
      }
    case "," where open > 0:
      atTokenStart = true
      index += 1
    case ":" where !atTokenStart || endsWord(index + 1):
      atTokenStart = true
      index += 1
    case _ where !atTokenStart: index += 1
    default: readTokenStart()
    }
  }

  private mutating func readTokenStart() {
    switch line[index] {
    case "\"", "'": readQuoted()
    case "*": refuseStar()
    case "&":
      refuse(at: index, "`&` starts a YAML anchor, which is not accepted", mend: quoteMend())
      index = line.count
    case "!":
      refuse(at: index, "`!` starts a YAML tag, which is not accepted", mend: quoteMend())
      index = line.count
    case "@", "`", "%":
      refuse(at: index, "a plain text cannot begin with `\(line[index])`", mend: quoteMend())
      index = line.count
    case "|", ">":
      guard open == 0 else {
        refuse(at: index, "a plain text cannot begin with `\(line[index])`", mend: quoteMend())
        index = line.count
        return
      }
      // The block's lines stand right of the key or dash that it belongs to.
      blockParent = indents.last
      index = line.count
    case "?" where endsWord(index + 1):
      refuse(at: index, "`?` starts a key of several parts, which is not accepted")
      index = line.count
    case "-" where open == 0 && endsWord(index + 1):
      index += 1
      let next = line[index...].firstIndex { $0 != " " } ?? line.count
      if next < line.count, !"#|>".unicodeScalars.contains(line[next]) {
        indents.append(next)
        _ = checkDepth()
      }
    default: readPlain()
    }
  }

  /// Whether a `:`, `-` or `?` before this index is a sign rather than a part of a word.
  private func endsWord(_ index: Int) -> Bool {
    guard index < line.count else { return true }
    return line[index] == " " || (open > 0 && ",[]{}".unicodeScalars.contains(line[index]))
  }

  private mutating func readPlain() {
    atTokenStart = false
    while index < line.count {
      let scalar = line[index]
      if scalar == ":", endsWord(index + 1) { return }
      if scalar == "#", index > 0, line[index - 1] == " " { return }
      if open > 0, ",[]{}".unicodeScalars.contains(scalar) { return }
      index += 1
    }
  }

  private mutating func readQuoted() {
    let start = index
    let quote = line[start]
    index += 1
    while index < line.count {
      if line[index] == "\\", quote == "\"" {
        index += 2
      } else if line[index] == quote {
        index += 1
        let doubled = quote == "'" && index < line.count && line[index] == quote
        guard doubled else {
          atTokenStart = false
          return
        }
        index += 1
      } else {
        index += 1
      }
    }
    index = line.count
    refuse(
      at: start, "this quote is not closed on its line", mend: "close it with \(quote)")
  }

  /// `cron: * * * * *` is the commonest mistake of all.
  private mutating func refuseStar() {
    let isCron = endsWord(index + 1) || line[index + 1] == "/"
    refuse(
      at: index, "`*` starts a YAML alias, so this is not a string",
      mend: isCron
        ? quoteMend(prefix: "put the expression in quotes") : "write out what it stands for")
    index = line.count
  }

  /// `put the text in quotes:  cron: "* * * * *"`, with what stands on the line.
  private func quoteMend(prefix: String = "put the text in quotes") -> String {
    var end = index
    while end < line.count {
      if line[end] == "#", end > 0, line[end - 1] == " " { break }
      if open > 0, "]}".unicodeScalars.contains(line[end]) { break }
      if open > 0, line[end] == ",", endsWord(end + 1) { break }
      end += 1
    }
    let value = text(line[index..<end])
    let before = text(line[..<index]).split(separator: " ").last ?? ""
    let key = before.drop { "{[,".contains($0) }
    guard !value.contains("\""), value.count <= 60 else { return prefix }
    return key.hasSuffix(":") ? "\(prefix):  \(key) \"\(value)\"" : "\(prefix): \"\(value)\""
  }

  private func text(_ part: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: part)
    while view.last == " " { view.removeLast() }
    return String(view)
  }

  private mutating func refuse(
    at column: Int, length: Int = 1, _ message: String, mend: String? = nil
  ) {
    found.append(
      Diagnostic(
        at: SourceLocation(file: file, line: row + 1, column: column + 1), length: length, message,
        mend: mend))
  }
}

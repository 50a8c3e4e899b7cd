/// A Swift file taken apart into code, comments and string literals, well enough for house rules:
/// a word inside a comment or a literal is no call.
struct SwiftSource {
  /// A piece of text and the line it begins on.
  struct Piece: Equatable {
    var line: Int
    var text: String
  }

  let path: String
  /// The code, line by line; comments and what stands inside literals are left out.
  private(set) var code: [String] = []
  /// Every string literal, as written between its quotes, interpolations left out.
  private(set) var literals: [Piece] = []

  /// The number of lines of the file.
  let length: Int

  private var bytes: [UInt8]
  private var at = 0
  private var line: [UInt8] = []

  init(path: String, text: String) {
    self.path = path
    bytes = Array(text.utf8)
    let isEnded = bytes.isEmpty || bytes.last == UInt8(ascii: "\n")
    length = bytes.count { $0 == UInt8(ascii: "\n") } + (isEnded ? 0 : 1)
    readCode(insideInterpolation: false)
    endLine()
    bytes = []
  }

  /// The modules that the file imports, and where.
  var imports: [Piece] {
    code.enumerated().compactMap { index, text in
      var words = text.split(separator: " ")[...]
      while let word = words.first, word != "import" {
        guard word.hasPrefix("@") || Self.accessLevels.contains(String(word)) else { return nil }
        words = words.dropFirst()
      }
      words = words.dropFirst()
      if let kind = words.first, Self.importKinds.contains(String(kind)) {
        words = words.dropFirst()
      }
      guard let module = words.first?.split(separator: ".").first else { return nil }
      return Piece(line: index + 1, text: String(module))
    }
  }

  private static let accessLevels: Set<String> = [
    "public", "package", "internal", "fileprivate", "private",
  ]
  private static let importKinds: Set<String> = [
    "struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor",
  ]
}

extension SwiftSource {
  private mutating func endLine() {
    code.append(String(decoding: line, as: UTF8.self))
    line = []
  }

  private func starts(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard at + count <= bytes.count else { return false }
    return (0..<count).allSatisfy { bytes[at + $0] == text.utf8Start[$0] }
  }

  /// Moves on by one byte, minding the lines.
  private mutating func skip() {
    if bytes[at] == UInt8(ascii: "\n") { endLine() }
    at += 1
  }

  /// Reads code to the end of the file, or of the interpolation that it stands in.
  private mutating func readCode(insideInterpolation: Bool) {
    var depth = 0
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "/"), starts("//") {
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
      } else if byte == UInt8(ascii: "/"), starts("/*") {
        readBlockComment()
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "#"), let hashes = literalHashes
      {
        readLiteral(hashes: hashes)
      } else {
        if byte == UInt8(ascii: "(") { depth += 1 }
        if byte == UInt8(ascii: ")") { depth -= 1 }
        if insideInterpolation, depth < 0 { return }
        if byte != UInt8(ascii: "\n") { line.append(byte) }
        skip()
      }
    }
  }

  private mutating func readBlockComment() {
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        at += 2
      } else if starts("*/") {
        depth -= 1
        at += 2
      } else {
        skip()
      }
    } while depth > 0 && at < bytes.count
  }

  /// How many `#` stand before the literal that begins here; nil where none does.
  private var literalHashes: Int? {
    var hashes = 0
    while at + hashes < bytes.count, bytes[at + hashes] == UInt8(ascii: "#") { hashes += 1 }
    let isQuote = at + hashes < bytes.count && bytes[at + hashes] == UInt8(ascii: "\"")
    return isQuote ? hashes : nil
  }

  private mutating func readLiteral(hashes: Int) {
    at += hashes
    let isMultiline = starts("\"\"\"")
    let quotes = isMultiline ? 3 : 1
    at += quotes
    let first = code.count + 1
    var text: [UInt8] = []
    line += Array("\"\"".utf8)
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\""), isEnd(quotes: quotes, hashes: hashes) {
        at += quotes + hashes
        break
      }
      if byte == UInt8(ascii: "\n"), !isMultiline { break }  // not Swift: do not lose the file
      if byte == UInt8(ascii: "\\"), hasHashes(hashes, from: at + 1) {
        at += 1 + hashes
        guard at < bytes.count else { break }
        if bytes[at] == UInt8(ascii: "(") {
          at += 1
          line.append(UInt8(ascii: " "))
          readCode(insideInterpolation: true)
          if at < bytes.count { at += 1 }
        } else {
          text += [UInt8(ascii: "\\"), bytes[at]]
          skip()
        }
        continue
      }
      text.append(byte)
      skip()
    }
    literals.append(Piece(line: first, text: String(decoding: text, as: UTF8.self)))
  }

  private func hasHashes(_ count: Int, from start: Int) -> Bool {
    start + count <= bytes.count
      && bytes[start..<start + count].allSatisfy { $0 == UInt8(ascii: "#") }
  }

  private func isEnd(quotes: Int, hashes: Int) -> Bool {
    guard at + quotes <= bytes.count else { return false }
    return bytes[at..<at + quotes].allSatisfy { $0 == UInt8(ascii: "\"") }
      && hasHashes(hashes, from: at + quotes)
  }
}

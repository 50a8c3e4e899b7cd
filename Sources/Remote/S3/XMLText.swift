/// What an S3 store answers in XML, as far as it is asked for: elements by their names, in their order.
///
/// It reads no attributes, namespaces or entities of a document's own, and never fails: what is not
/// there is nil, and the one who asks judges.
enum XMLText {
  /// The contents of all elements of a name, the markup in them included.
  static func all(_ name: String, in text: Substring) -> [Substring] {
    var found: [Substring] = []
    var rest = text
    while let (content, after) = next(name, in: rest) {
      found.append(content)
      rest = after
    }
    return found
  }

  /// The text of the first element of a name; nil where there is none.
  static func first(_ name: String, in text: Substring) -> String? {
    next(name, in: text).map { decoded($0.content) }
  }

  private static func next(
    _ name: String, in text: Substring
  ) -> (content: Substring, after: Substring)? {
    var rest = text
    while let open = rest.firstRange(of: "<\(name)") {
      let tail = rest[open.upperBound...]
      guard let mark = tail.first, mark == ">" || mark == " " || mark == "/",
        let close = tail.firstIndex(of: ">")
      else {
        rest = tail
        continue
      }
      let content = tail[tail.index(after: close)...]
      if tail[..<close].hasSuffix("/") { return (content.prefix(0), content) }
      guard let end = content.firstRange(of: "</\(name)>") else { return nil }
      return (content[..<end.lowerBound], content[end.upperBound...])
    }
    return nil
  }

  private static func decoded(_ text: Substring) -> String {
    [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&apos;", "'"),
      ("&amp;", "&"),
    ]
    .reduce(String(text)) { $0.replacing($1.0, with: $1.1) }
  }
}

/// What Package.swift declares: each target and what it may import, by module name.
struct Manifest {
  /// Our own layers, and the program.
  private(set) var layers: [String: Set<String>] = [:]
  /// The module maps of C libraries, and what is C of our own.
  private(set) var systemLibraries: Set<String> = []
  /// The targets of tests.
  private(set) var tests: [String: Set<String>] = [:]

  /// Reads the declarations that Package.swift uses: `layer`, `tests`, `.executableTarget`,
  /// `.systemLibrary`, and dependencies named by a constant.
  init(text: String) {
    let text = Self.withoutComments(text)
    var products: [String: String] = [:]
    for part in text.components(after: "let ") {
      guard let colon = part.firstIndex(of: ":"),
        part[colon...].hasPrefix(": Target.Dependency ="),
        let name = part.components(after: "name: \"").first?.prefix(while: { $0 != "\"" })
      else { continue }
      products[String(part[..<colon])] = String(name)
    }
    for body in text.calls(of: " layer(") + text.calls(of: ".executableTarget(") {
      layers[Self.name(in: body)] = Self.dependencies(in: body, products)
    }
    for body in text.calls(of: " tests(") + text.calls(of: ".testTarget(") {
      let name = Self.name(in: body)
      if !name.isEmpty { tests[name] = Self.dependencies(in: body, products) }
    }
    for body in text.calls(of: ".systemLibrary(") + text.calls(of: ".target(") {
      systemLibraries.insert(Self.name(in: body))
    }
    layers[""] = nil
    systemLibraries.remove("")
  }

  private static func withoutComments(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in line.hasPrefix("//") ? "" : line.components(before: " // ") }
      .joined(separator: "\n")
  }

  /// The first literal of a call; empty where the call names its target by a variable.
  private static func name(in body: Substring) -> String {
    guard let open = body.firstIndex(of: "\"") else { return "" }
    let before = body[..<open].filter { !$0.isWhitespace }
    guard before.isEmpty || before == "name:" else { return "" }
    return String(body[body.index(after: open)...].prefix { $0 != "\"" })
  }

  private static func dependencies(
    in body: Substring, _ products: [String: String]
  ) -> Set<String> {
    guard let open = body.firstIndex(of: "[") else { return [] }
    let list = body[body.index(after: open)...].prefix { $0 != "]" }
    return Set(
      list.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map { item in
        item.hasPrefix("\"") ? String(item.dropFirst().dropLast()) : products[String(item)] ?? "?"
      })
  }
}

extension StringProtocol where SubSequence == Substring {
  /// What follows each occurrence of a text, up to the end.
  func components(after text: String) -> [Substring] {
    var parts: [Substring] = []
    var rest = self[...]
    while let range = rest.firstRange(of: text) {
      rest = rest[range.upperBound...]
      parts.append(rest)
    }
    return parts
  }

  /// What stands before the first occurrence of a text; all, where there is none.
  func components(before text: String) -> Substring {
    firstRange(of: text).map { self[..<$0.lowerBound] } ?? self[...]
  }

  /// What stands between the parentheses of each call.
  func calls(of opening: String) -> [Substring] {
    components(after: opening).map { rest in
      var depth = 1
      return rest.prefix { character in
        if character == "(" { depth += 1 }
        if character == ")" { depth -= 1 }
        return depth > 0
      }
    }
  }
}

// Arguments of a call, and the words and numbers that expressions are made of.

extension ExpressionParser {
  mutating func call(
    of function: IndicatorFunction, isCall: Bool
  ) throws(FeatureSyntaxError) -> IndicatorCall {
    var builder = CallBuilder(function)
    let start = index
    guard isCall else { return try builder.finished(start..<start) }
    index += 1
    skipSpace()
    if take(")") { return try builder.finished(start..<index) }
    while true {
      skipSpace()
      let argumentStart = index
      let name = identifier()
      skipSpace()
      if let name, take("=") {
        skipSpace()
        let valueStart = index
        let value = try argument()
        try builder.set(
          name, value, nameAt: argumentStart..<argumentStart + name.count,
          valueAt: valueStart..<index)
      } else {
        index = argumentStart
        let value = try argument()
        try builder.append(value, at: argumentStart..<index)
      }
      skipSpace()
      if take(")") { return try builder.finished(start..<index) }
      guard take(",") else {
        throw FeatureSyntaxError("expected ',' or ')'", columns: index..<index + 1)
      }
    }
  }

  /// A number with its sign, or a word.
  private mutating func argument() throws(FeatureSyntaxError) -> CallBuilder.Value {
    let start = index
    if let word = identifier() { return .word(word.lowercased()) }
    let negative = take("-")
    guard let character = peek, character.isDigit || character == "." else {
      throw FeatureSyntaxError(
        "expected a number or a column", columns: start..<max(index, start + 1))
    }
    let value = try number()
    return .number(negative ? -value : value)
  }

  mutating func number() throws(FeatureSyntaxError) -> Double {
    let start = index
    while let character = peek, character.isDigit || character == "." { index += 1 }
    if peek == "e" || peek == "E" {
      index += 1
      if !take("-") { _ = take("+") }
      while let character = peek, character.isDigit { index += 1 }
    }
    let text = String(characters[start..<index])
    guard let value = Double(text), value.isFinite else {
      throw FeatureSyntaxError("\(text) is not a number", columns: start..<index)
    }
    return value
  }

  mutating func identifier() -> String? {
    guard let first = peek, first.isWordStart else { return nil }
    let start = index
    while let character = peek, character.isWordStart || character.isDigit { index += 1 }
    return String(characters[start..<index])
  }

  var peek: Character? { index < characters.count ? characters[index] : nil }

  mutating func take(_ character: Character) -> Bool {
    guard peek == character else { return false }
    index += 1
    return true
  }

  mutating func expect(_ character: Character) throws(FeatureSyntaxError) {
    guard take(character) else {
      throw FeatureSyntaxError("expected '\(character)'", columns: index..<index + 1)
    }
  }

  mutating func skipSpace() {
    while let character = peek, character.isWhitespace { index += 1 }
  }
}

extension Character {
  var isDigit: Bool { ("0"..."9").contains(self) && utf8.count == 1 }
  var isWordStart: Bool { isASCII && (isLetter || self == "_") }
}

import Domain

/// Lines `key=value` of a text, as LightGBM writes its models: a header, then blocks of lines.
struct KeyedLines {
  let source: ModelSource
  private var cursor = 0

  /// A line with its place in the bytes.
  struct Line {
    /// What stands before the first `=`, or the whole line where there is none.
    var key: String
    /// Where the line begins.
    var start: Int
    /// What stands behind the `=`.
    var value: Range<Int>
    /// Whether there is an `=`.
    var hasValue: Bool
  }

  init(_ source: ModelSource) { self.source = source }

  /// The next line, without its end; nil at the end of the text.
  mutating func next() -> Line? {
    guard cursor < source.bytes.count else { return nil }
    let start = cursor
    return source.bytes.withUnsafeBufferPointer { bytes in
      var end = start
      var equals: Int?
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
        if equals == nil, bytes[end] == UInt8(ascii: "=") { equals = end }
        end += 1
      }
      cursor = end + 1
      if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
      let keyEnd = min(equals ?? end, end)
      let key = String(
        decoding: UnsafeBufferPointer(rebasing: bytes[start..<min(keyEnd, start + 64)]),
        as: UTF8.self)
      return Line(
        key: key, start: start, value: min(keyEnd + 1, end)..<end, hasValue: equals != nil)
    }
  }

  /// Where the next line begins.
  var position: Int { min(cursor, source.bytes.count) }
}

/// The lines of one block by key, read as numbers with complaints that name their place.
struct KeyedBlock {
  let source: ModelSource
  /// Where the block begins.
  let start: Int
  /// How the block is called in messages: `tree 7`.
  let title: String
  private var lines: [String: Range<Int>] = [:]

  init(_ source: ModelSource, start: Int, title: String) {
    (self.source, self.start, self.title) = (source, start, title)
  }

  /// Adds a line; false when the key was there before.
  mutating func add(_ line: KeyedLines.Line) -> Bool {
    lines.updateValue(line.value, forKey: line.key) == nil
  }

  /// Whether there is such a line.
  func has(_ key: String) -> Bool { lines[key] != nil }

  /// The bytes behind `key=`.
  func required(_ key: String) throws(Fault) -> Range<Int> {
    guard let value = lines[key] else {
      throw source.fault(
        at: start, "\(title) has no line '\(key)='", remedy: "export the model again")
    }
    return value
  }

  /// The text behind `key=`; nil when there is no such line.
  func text(_ key: String) -> String? {
    lines[key].map { String(decoding: source.bytes[$0], as: UTF8.self) }
  }

  /// The words behind `key=`, parted by spaces.
  func words(_ key: String) throws(Fault) -> [Range<Int>] {
    var words: [Range<Int>] = []
    let value = try required(key)
    source.bytes.withUnsafeBufferPointer { bytes in
      var start: Int?
      for index in value {
        if bytes[index] == UInt8(ascii: " ") {
          if let begun = start { words.append(begun..<index) }
          start = nil
        } else if start == nil {
          start = index
        }
      }
      if let begun = start { words.append(begun..<value.upperBound) }
    }
    return words
  }

  private func words(_ key: String, count: Int) throws(Fault) -> [Range<Int>] {
    let found = try words(key)
    guard found.count == count else {
      throw source.fault(
        at: try required(key).lowerBound,
        "\(title) has \(found.count) values in '\(key)', but \(count) are needed",
        remedy: "export the model again")
    }
    return found
  }

  /// One whole number of a range.
  func integer(_ key: String, in range: ClosedRange<Int>) throws(Fault) -> Int {
    try integers(key, count: 1, in: range)[0]
  }

  /// Whole numbers of a range.
  func integers(_ key: String, count: Int, in range: ClosedRange<Int>) throws(Fault) -> [Int] {
    var numbers: [Int] = []
    numbers.reserveCapacity(count)
    for word in try words(key, count: count) {
      guard let number = NumberText.integer(source.bytes, word) else {
        throw source.fault(
          at: word.lowerBound, "'\(excerpt(word))' in '\(key)' is no whole number")
      }
      guard range.contains(number) else {
        throw source.fault(
          at: word.lowerBound,
          "\(number) in '\(key)' is outside \(range.lowerBound) to \(range.upperBound)")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// Numbers; infinities and NaN are spelled `inf` and `nan`.
  func numbers(_ key: String, count: Int) throws(Fault) -> [Double] {
    var numbers: [Double] = []
    numbers.reserveCapacity(count)
    for word in try words(key, count: count) {
      guard let number = NumberText.double(source.bytes, word) else {
        throw source.fault(at: word.lowerBound, "'\(excerpt(word))' in '\(key)' is no number")
      }
      numbers.append(number)
    }
    return numbers
  }

  private func excerpt(_ word: Range<Int>) -> String {
    String(decoding: source.bytes[word].prefix(40), as: UTF8.self)
  }
}

import Domain

/// A word, number or sign of a rule with its place in the file.
struct RuleToken {
  let content: Content
  /// The byte where it begins.
  let offset: Int

  enum Content: Hashable {
    case number(Double)
    case word(String)
    case sign(String)
    case end
  }

  /// How it reads in a message.
  var description: String {
    switch content {
    case .number(let value): "\(value)"
    case .word(let word): "'\(word)'"
    case .sign(let sign): "'\(sign)'"
    case .end: "the end"
    }
  }

  /// The tokens of a part of the file, then `.end`.
  static func tokens(of source: ModelSource, in range: Range<Int>) throws(Fault) -> [RuleToken] {
    var tokens: [RuleToken] = []
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = source.bytes[index]
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      case UInt8(ascii: "#"):
        while index < range.upperBound, source.bytes[index] != 0x0A { index += 1 }
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."):
        let end = numberEnd(source.bytes, index, range.upperBound)
        guard let value = NumberText.double(source.bytes, index..<end) else {
          throw source.fault(at: index, "this is no number")
        }
        tokens.append(RuleToken(content: .number(value), offset: index))
        index = end
      case _ where isWordStart(byte):
        var end = index
        while end < range.upperBound, isWordPart(source.bytes[end]) { end += 1 }
        let word = String(decoding: source.bytes[index..<end], as: UTF8.self)
        tokens.append(RuleToken(content: .word(word), offset: index))
        index = end
      default:
        guard let sign = sign(source.bytes, index, range.upperBound) else {
          throw source.fault(
            at: index, "this character has no meaning in a rule",
            remedy: "signs are + - * / < <= > >= == != ? : ( ) , and =")
        }
        tokens.append(RuleToken(content: .sign(sign), offset: index))
        index += sign.utf8.count
      }
    }
    tokens.append(RuleToken(content: .end, offset: range.upperBound))
    return tokens
  }

  /// Letters and underscores begin a word.
  static func isWordStart(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_")
      || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
  }

  /// Words go on with letters, digits, underscores and points, as in `macd.signal`.
  static func isWordPart(_ byte: UInt8) -> Bool {
    isWordStart(byte) || byte == UInt8(ascii: ".")
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func numberEnd(_ bytes: [UInt8], _ start: Int, _ limit: Int) -> Int {
    var end = start
    while end < limit {
      let isExponentSign =
        (bytes[end] == UInt8(ascii: "-") || bytes[end] == UInt8(ascii: "+"))
        && bytes[end - 1] | 0x20 == UInt8(ascii: "e") && end > start
      guard isWordPart(bytes[end]) || isExponentSign else { break }
      end += 1
    }
    return end
  }

  private static func sign(_ bytes: [UInt8], _ index: Int, _ limit: Int) -> String? {
    let first = Unicode.Scalar(bytes[index])
    if index + 1 < limit, bytes[index + 1] == UInt8(ascii: "="),
      "<>=!".unicodeScalars.contains(first)
    {
      return "\(first)="
    }
    return "+-*/<>?:(),=".unicodeScalars.contains(first) ? "\(first)" : nil
  }
}

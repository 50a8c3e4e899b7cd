/// A piece of a page. A literal is markup; whatever is put into one is text, and is escaped, unless it
/// is `HTML` itself:
///
///     let cell: HTML = "<td>\(reason)</td>"
///
/// So a text that a person, an exchange or a program has a say in cannot become markup by being
/// forgotten: only a literal of this program's source can. That, the compiler as the reader of
/// templates, and no look at types while a page is made, is why pages are Swift rather than files of
/// a template language. Values of attributes stand in double quotes.
public struct HTML: Hashable, Sendable, ExpressibleByStringInterpolation {
  /// The markup.
  public private(set) var text: String

  /// Markup that stands in the source.
  public init(stringLiteral text: StaticString) { self.text = "\(text)" }

  /// Markup with values in it.
  public init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// Nothing.
  public init() { text = "" }

  /// Any text, escaped.
  public init(escaping text: String) {
    self.text = ""
    self.text.reserveCapacity(text.utf8.count)
    Self.escape(text, into: &self.text)
  }

  /// Adds a piece.
  public static func += (a: inout HTML, b: HTML) { a.text += b.text }

  /// One piece after another.
  public static func + (a: HTML, b: HTML) -> HTML {
    var sum = a
    sum += b
    return sum
  }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { text.isEmpty }

  /// Takes a literal apart.
  public struct Interpolation: StringInterpolationProtocol {
    var text = ""

    /// Room for the parts.
    public init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + interpolationCount * 16)
    }

    /// Markup of the source.
    public mutating func appendLiteral(_ literal: StaticString) { text += "\(literal)" }

    /// A text, escaped.
    public mutating func appendInterpolation(_ value: String) { HTML.escape(value, into: &text) }

    /// A number.
    public mutating func appendInterpolation(_ value: some BinaryInteger) {
      text += String(value)
    }

    /// A piece of a page, as it is.
    public mutating func appendInterpolation(_ value: HTML) { text += value.text }

    /// A piece of a page, if there is one.
    public mutating func appendInterpolation(_ value: HTML?) {
      if let value { text += value.text }
    }
  }

  /// Characters that are shown as U+FFFD: controls, and those that turn the direction of what follows,
  /// with which a log line can be made to read as another.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  private static func escape(_ value: String, into text: inout String) {
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      default:
        text.unicodeScalars.append(isHidden(scalar) ? "\u{FFFD}" : scalar)
      }
    }
  }
}

extension Sequence<HTML> {
  /// All pieces, one after the other.
  public var joined: HTML { reduce(into: HTML()) { $0 += $1 } }
}

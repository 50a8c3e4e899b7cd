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
  /// The markup, with the marks of what is exchanged on its own (`LiveContent`).
  private(set) var marked: String

  /// The markup.
  public var text: String {
    let marks = Mark.opening...Mark.secret
    guard marked.utf8.contains(where: marks.contains) else { return marked }
    return String(decoding: marked.utf8.lazy.filter { !marks.contains($0) }, as: UTF8.self)
  }

  /// Control characters that no text can bring in, since `escape` replaces them.
  enum Mark {
    /// In the opening tag of an element that is a part of its page.
    static let opening: UInt8 = 2
    /// Behind that element.
    static let end: UInt8 = 3
    /// Where the secret of a session's forms stands.
    static let secret: UInt8 = 4
  }

  /// Stands in the opening tag of an element that is exchanged on its own in open pages when it changed.
  static let part: HTML = "\u{2}"
  /// Stands behind such an element.
  static let partEnd: HTML = "\u{3}"
  /// Stands for the secret of a session's forms, so that who may act alike is shown the same content.
  public static let secret: HTML = "\u{4}"

  /// Markup that stands in the source.
  public init(stringLiteral text: StaticString) { marked = "\(text)" }

  /// Markup with values in it.
  public init(stringInterpolation: Interpolation) { marked = stringInterpolation.text }

  /// Nothing.
  public init() { marked = "" }

  /// Any text, escaped.
  public init(escaping text: String) {
    marked = ""
    marked.reserveCapacity(text.utf8.count)
    Self.escape(text, into: &marked)
  }

  /// Adds a piece.
  public static func += (a: inout HTML, b: HTML) { a.marked += b.marked }

  /// One piece after another.
  public static func + (a: HTML, b: HTML) -> HTML {
    var sum = a
    sum += b
    return sum
  }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { marked.isEmpty }

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
    public mutating func appendInterpolation(_ value: HTML) { text += value.marked }

    /// A piece of a page, if there is one.
    public mutating func appendInterpolation(_ value: HTML?) {
      if let value { text += value.marked }
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

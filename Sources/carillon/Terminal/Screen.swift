import Domain
import Glibc
import Service

/// What output can count on: how wide the terminal is, and whether it wants colour.
struct Screen {
  /// The columns of a line; nil where output is no terminal, and lines may be of any length.
  let columns: Int?
  /// Whether states are coloured, never instead of a word.
  let isColored: Bool

  /// Fewer columns than this are taken for this many.
  static let fewestColumns = 40

  /// Output that is read by a program, or kept.
  static let none = Screen(columns: nil, isColored: false)

  /// The terminal behind a stream; none where there is none.
  init(_ stream: StandardStream, _ environment: [String: String] = Workspace.environment()) {
    guard stream.isTerminal else {
      self = .none
      return
    }
    var size = winsize()
    let isKnown = ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    let named = environment["COLUMNS"].flatMap { Int($0) }
    let width = isKnown ? Int(size.ws_col) : named
    columns = width.map { max($0, Self.fewestColumns) }
    // https://no-color.org: any value but an empty one; and terminals that know no colours.
    let isRefused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    isColored = !isRefused && environment["TERM"].map { $0 != "dumb" } ?? false
  }

  init(columns: Int?, isColored: Bool) { (self.columns, self.isColored) = (columns, isColored) }

  /// A colour of ECMA-48, "Select Graphic Rendition".
  enum Color: String {
    case red = "31"
    case green = "32"
    case yellow = "33"

    /// The colour of a word that says how something stands; nil for others.
    init?(ofState word: String) {
      switch word {
      case "fail", "failed", "timed-out", "down", "missed", "stale", "damaged": self = .red
      case "warn", "late", "skipped", "coalesced", "paused", "deferred", "interrupted", "halted",
        "blocked", "partial", "owed":
        self = .yellow
      case "pass", "ok", "up", "succeeded", "good": self = .green
      default: return nil
      }
    }
  }

  /// A word in the colour of what it says.
  func paint(state word: String) -> String {
    guard isColored, let color = Color(ofState: word) else { return word }
    return "\u{1B}[\(color.rawValue)m\(word)\u{1B}[0m"
  }

  /// A text in lines that fit, broken at spaces; the second and later ones are indented.
  func wrapped(_ text: String, indent: Int = 0) -> [String] {
    guard let columns, text.count > columns else { return [text] }
    let margin = String(repeating: " ", count: min(indent, columns / 2))
    var lines: [String] = []
    var line = ""
    // Leading spaces and those between columns stay as they are.
    var rest = text[...]
    while !rest.isEmpty {
      let blanks = rest.prefix { $0 == " " }
      let word = rest.dropFirst(blanks.count).prefix { $0 != " " }
      rest = rest.dropFirst(blanks.count + word.count)
      if !line.isEmpty, line != margin, line.count + blanks.count + word.count > columns {
        lines.append(line)
        line = margin + word
      } else {
        line += blanks + word
      }
    }
    return lines + [line]
  }
}

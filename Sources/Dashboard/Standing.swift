/// How something stands, told by a word and a shape; the colour only repeats it.
public enum Standing: String, CaseIterable, Sendable {
  /// All is well.
  case good
  /// Somebody should look.
  case warning
  /// It is wrong.
  case bad
  /// It was left alone on purpose.
  case quiet
  /// It is under way, or owed.
  case pending

  /// Its shape.
  public var shape: String {
    switch self {
    case .good: "●"
    case .warning: "▲"
    case .bad: "✖"
    case .quiet: "○"
    case .pending: "◆"
    }
  }

  /// A word with the shape.
  public func shown(_ word: String) -> HTML {
    "<span class=\"st \(rawValue)\"><span aria-hidden=\"true\">\(shape)</span> \(word)</span>"
  }
}

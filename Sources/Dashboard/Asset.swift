import Domain

/// A file that pages refer to. They are part of the program, so that no folder has to be beside it.
public struct Asset: Sendable {
  /// Its media type.
  public let type: String
  /// Its content.
  public let text: String
  /// What it is told apart by, as a field of a header says it (RFC 9110, 8.8.3).
  public let entityTag: String

  init(type: String, text: String) {
    (self.type, self.text) = (type, text)
    entityTag = "\"\(StableHash(text).digits)\""
  }

  /// All, by path.
  public static let all: [String: Asset] = {
    var all = [
      "/assets/carillon.css": Asset(type: "text/css; charset=utf-8", text: StyleSheet.text),
      "/assets/carillon.js": Asset(type: "text/javascript; charset=utf-8", text: PageScript.text),
    ]
    for standing in Standing.allCases {
      all["/assets/\(standing.rawValue).svg"] = Asset(type: "image/svg+xml", text: icon(standing))
    }
    return all
  }()

  /// Changes with the style sheet and the script, so that a browser may keep both for a year.
  public static let tag = StableHash(StyleSheet.text + PageScript.text).digits

  /// A bell in the colour of a standing, with its shape where it is not good.
  private static func icon(_ standing: Standing) -> String {
    let colour =
      switch standing {
      case .good: "#0b6e4f"
      case .warning: "#b35900"
      case .bad: "#b3261e"
      case .quiet, .pending: "#50607a"
      }
    let shape =
      switch standing {
      case .warning: "<path d='M24 14l8 16H16z' fill='#b35900' stroke='#fff' stroke-width='2'/>"
      case .bad: "<path d='M17 15l13 13m0-13L17 28' stroke='#b3261e' stroke-width='6'/>"
      case .good, .quiet, .pending: ""
      }
    return
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><path fill='\(colour)' "
      + "d='M16 2a3 3 0 0 0-3 3c-5 1-7 5-7 10 0 6-2 8-3 10h26c-1-2-3-4-3-10 0-5-2-9-7-10a3 3 0 0 "
      + "0-3-3zM12 27a4 4 0 0 0 8 0z'/>\(shape)</svg>"
  }
}

public import Domain

/// What all pages have around them: head, navigation, how all stands, and of when the data is.
public struct PageFrame: Sendable {
  /// The title.
  public var title: String
  /// The path of the place in the navigation that it belongs to.
  public var place: String
  /// How orders are executed: `paper`.
  public var mode: String
  /// How all stands, and in a word.
  public var standing: (state: Standing, word: String)
  /// The halt in force.
  public var halt: String?
  /// The version of the program.
  public var version: String
  /// Of when the data is.
  public var time: Instant
  /// The zone of all times.
  public var clock: PageClock
  /// Path and query of this page, to come back to it; nil: its place.
  public var address: String?
  /// What is said above every page; nil for nothing.
  public var notice: HTML?
  /// Who is logged in, with the way out; nil where there is no login.
  public var person: HTML?

  /// A frame of these parts.
  public init(
    title: String, place: String, mode: String, standing: (state: Standing, word: String),
    halt: String?, version: String, time: Instant, clock: PageClock
  ) {
    (self.title, self.place, self.mode) = (title, place, mode)
    (self.standing, self.halt, self.version) = (standing, halt, version)
    (self.time, self.clock) = (time, clock)
  }

  /// The places of the navigation, with their words and the key that leads there after `g`.
  public static let places: [(path: String, word: String, key: Character)] = [
    ("/", "Overview", "o"), ("/jobs", "Jobs", "j"), ("/schedule", "Schedule", "s"),
    ("/portfolio", "Portfolio", "p"), ("/performance", "Performance", "f"),
    ("/decisions", "Decisions", "d"), ("/orders", "Orders", "r"), ("/market", "Market", "m"),
    ("/risk", "Risk", "k"), ("/alerts", "Alerts", "a"), ("/snapshots", "Snapshots", "n"),
    ("/audit", "Audit", "u"), ("/config", "Config", "c"),
  ]

  /// What stands around the content and changes with the time, each with an id: how all stands, the halt,
  /// the notice, of when the data is, the icon.
  public var surroundings: HTML {
    "\(live)\(told)\(halted)\(asOf)\(icon)"
  }

  private var live: HTML {
    "<span id=\"live\" role=\"status\">\(standing.state.shown(standing.word))</span>"
  }

  private var told: HTML { "<div id=\"notice\" class=\"notice\">\(notice)</div>" }

  private var halted: HTML {
    let banner: HTML? = halt.map {
      "<p class=\"halt\">\(Standing.warning.shown("HALTED")) \($0)</p>"
    }
    return "<div id=\"halted\" role=\"status\">\(banner)</div>"
  }

  private var asOf: HTML { "<span id=\"as-of\">Data as of \(clock.shown(time))</span>" }

  private var icon: HTML {
    """
    <link id="icon" rel="icon" type="image/svg+xml" href="/assets/\(standing.state.rawValue).svg">
    """
  }

  /// The heading and what the page says.
  public static func content(_ title: String, _ content: HTML) -> LiveContent {
    LiveContent("<h1>\(title)</h1>\n\(content)\n")
  }

  /// The page around its content.
  public func page(_ content: HTML) -> String {
    page(Self.content(title, content), secret: nil)
  }

  /// The page around its content, for a session whose forms bear a secret.
  public func page(_ content: LiveContent, secret: String?) -> String {
    let links = Self.places.map { path, word, key -> HTML in
      "<a href=\"\(path)\" data-g=\"\(String(key))\"\(path == place ? " aria-current=\"page\"" : HTML())>\(word)</a>"
    }.joined
    let head: HTML = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title) · Carillon</title>
      \(icon)
      <link rel="stylesheet" href="/assets/carillon.css?\(Asset.tag)">
      <script src="/assets/carillon.js?\(Asset.tag)" defer></script></head>
      <body><a class="skip" href="#main">Skip to the content</a>
      <header><a class="brand" href="/">CARILLON</a> <span class="mode">\(mode)</span>
      \(live)
      \(person)<nav aria-label="Pages">\(links)</nav></header>
      \(told)\(halted)
      """
    let foot: HTML = """

      <footer><p>\(asOf) <span id="stale" role="status"></span> · \
      Carillon \(version)</p>
      <form action="/zone" method="get"><label>Time zone <input name="tz" value="\(clock.zone.name)" \
      size="18" autocomplete="off" spellcheck="false"></label><input type="hidden" name="back" \
      value="\(address ?? place)"><button>Show</button></form>\
      <button type="button" id="keys" hidden>Keys</button></footer></body></html>

      """
    let bytes = Array(head.marked.utf8) + content.whole + Array(foot.marked.utf8)
    return String(decoding: LiveContent.filled(bytes, secret: secret), as: UTF8.self)
  }
}

import Dashboard
import Domain

/// One page: its title, its place in the navigation, and how it is made.
struct PageRoute: Sendable {
  let title: String
  let place: String
  let make: @Sendable (PageSource, PageQuery) throws -> HTML?

  /// The pages by path; those with `:subject` are about one thing.
  static let all: [(path: String, route: PageRoute)] = [
    ("/", PageRoute(title: "Overview", place: "/", make: OverviewPage.html)),
    ("/jobs", PageRoute(title: "Jobs", place: "/jobs", make: JobsPage.html)),
    ("/jobs/:subject", PageRoute(title: "Job", place: "/jobs", make: JobPage.html)),
    ("/runs/:subject", PageRoute(title: "Run", place: "/jobs", make: RunPage.html)),
    ("/schedule", PageRoute(title: "Schedule", place: "/schedule", make: SchedulePage.html)),
    ("/portfolio", PageRoute(title: "Portfolio", place: "/portfolio", make: PortfolioPage.html)),
    (
      "/performance",
      PageRoute(title: "Performance", place: "/performance", make: PerformancePage.html)
    ),
    ("/decisions", PageRoute(title: "Decisions", place: "/decisions", make: DecisionsPage.html)),
    (
      "/decisions/:subject", PageRoute(title: "Why", place: "/decisions", make: DecisionsPage.why)
    ),
    ("/orders", PageRoute(title: "Orders", place: "/orders", make: OrdersPage.html)),
    ("/market", PageRoute(title: "Market", place: "/market", make: MarketPage.html)),
    ("/market/:subject", PageRoute(title: "Market", place: "/market", make: InstrumentPage.html)),
    ("/risk", PageRoute(title: "Risk", place: "/risk", make: RiskPage.html)),
    ("/alerts", PageRoute(title: "Alerts", place: "/alerts", make: AlertsPage.html)),
    ("/snapshots", PageRoute(title: "Snapshots", place: "/snapshots", make: SnapshotsPage.html)),
    ("/audit", PageRoute(title: "Audit", place: "/audit", make: AuditPage.html)),
    ("/config", PageRoute(title: "Config", place: "/config", make: ConfigPage.html)),
  ]

  /// Whether trading is halted, for a process that can halt it.
  static let halt = PageRoute(title: "Halt", place: "", make: ActionForms.halt)

  /// A page, and what stands around it.
  struct Page {
    var frame: PageFrame
    var content: LiveContent
    var isThere = true
  }

  /// The page that a query asks for; one that says so where its subject is not there.
  func page(_ source: PageSource, _ query: PageQuery) throws -> Page {
    if let content = try make(source, query) {
      let title = query.subject.isEmpty ? title : "\(title): \(query.subject)"
      return Page(
        frame: source.frame(title, place: place, query),
        content: PageFrame.content(title, content))
    }
    let title = "Not there"
    return Page(
      frame: source.frame(title, place: place, query),
      content: PageFrame.content(
        title, "<p>There is nothing named \(query.subject) here.</p>"), isThere: false)
  }

  /// The page at a path, and the subject that the path names; nil where there is none.
  static func find(_ path: Substring, hasHalt: Bool) -> (route: PageRoute, subject: String?)? {
    let parts = path.split(separator: "/")
    if hasHalt, parts == ["halt"] { return (halt, nil) }
    for (pattern, route) in all {
      let names = pattern.split(separator: "/")
      guard names.count == parts.count, let last = names.last else {
        if names.isEmpty, parts.isEmpty { return (route, nil) }
        continue
      }
      let isAbout = last.hasPrefix(":")
      guard names.dropLast(isAbout ? 1 : 0) == parts.dropLast(isAbout ? 1 : 0) else { continue }
      return (route, isAbout ? parts.last.flatMap { PercentEncoding.decoded($0) } : nil)
    }
    return nil
  }
}

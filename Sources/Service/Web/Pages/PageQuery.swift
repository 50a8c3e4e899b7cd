import Dashboard
import Domain
import Hummingbird
import HummingbirdCore

/// What a request for a page says: the path's last part, the query, and the zone of its times.
struct PageQuery: Sendable {
  /// The last part of the path, for pages that have one: a job, a run, a symbol.
  var subject = ""
  /// The values of the query, by name; the first of several.
  var values: [String: String] = [:]
  /// The zone that the browser remembers, else UTC.
  var zone = Zone.utc

  /// Path and query as they were asked; nil where they are longer than what is looked at.
  var address: String?

  /// Who asks, where there is a login.
  var session: Sessions.Session?

  /// The longest value that is looked at, in characters.
  static let longestValue = 200

  init() {}

  init(_ request: Request, subject: String?) {
    self.init(request.uri, subject: subject, zone: Self.zone(of: request))
  }

  /// What an address says.
  init(_ uri: URI, subject: String?, zone: Zone) {
    self.subject = String((subject ?? "").prefix(Self.longestValue))
    if uri.string.count <= Self.longestValue { address = uri.string }
    for (name, value) in uri.queryParameters where values[String(name)] == nil {
      values[String(name)] = String(String(value).prefix(Self.longestValue))
    }
    self.zone = zone
  }

  /// The zone that the browser of a request remembers, else UTC.
  static func zone(of request: Request) -> Zone {
    cookie("tz", request.headers[.cookie]).flatMap(zone) ?? .utc
  }

  /// A zone by its name; nil where there is none.
  static func zone(_ name: String) -> Zone? {
    do { return try ZoneDatabase.zone(name) } catch { return nil }  // a cookie is not to be trusted
  }

  /// The clock of the page.
  var clock: PageClock { PageClock(zone: zone) }

  /// The time that is asked about: `?at=2026-11-20T14:01:00Z`.
  var time: Instant? { values["at"].flatMap { Instant(rfc3339: $0) } }

  /// A number of the query within bounds, else the standard.
  func number(_ name: String, in range: ClosedRange<Int>, standard: Int) -> Int {
    guard let number = values[name].flatMap({ Int($0) }) else { return standard }
    return min(max(number, range.lowerBound), range.upperBound)
  }

  /// The span that is shown: `?range=30d`.
  func range(standard: PageRange) -> PageRange {
    values["range"].flatMap { PageRange(rawValue: $0) } ?? standard
  }

  /// The value of a cookie.
  static func cookie(_ name: String, _ header: String?) -> String? {
    for part in (header ?? "").split(separator: ";") {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[0].drop(while: { $0 == " " }) == name else { continue }
      return PercentEncoding.decoded(pair[1])
    }
    return nil
  }
}

/// How far back a page looks. What has no beginning is read by its days once it is long, so that no page reads a history
/// that grows for ever.
enum PageRange: String, CaseIterable, Sendable {
  case day = "1d"
  case week = "7d"
  case month = "30d"
  case quarter = "90d"
  case year = "1y"
  case all

  /// More valuations than this are read as the last one of each day.
  static let mostPoints = 10_000

  var span: TimeSpan {
    switch self {
    case .day: .days(1)
    case .week: .days(7)
    case .month: .days(30)
    case .quarter: .days(90)
    case .year: .days(366)
    case .all: .longest
    }
  }

  /// Where it begins when it ends at an instant; nil where it has no beginning.
  func begin(before end: Instant) -> Instant? { self == .all ? nil : end - span }

  /// Links to the ranges of a page; `query` is what else its address says, like `account=main`.
  func links(_ path: String, query: String = "") -> HTML {
    let links = Self.allCases.map { range -> HTML in
      let address = "\(path)?range=\(range.rawValue)\(query.isEmpty ? "" : "&" + query)"
      let current: HTML = range == self ? " aria-current=\"true\"" : ""
      return "<a href=\"\(address)\"\(current)>\(range.rawValue)</a>"
    }.joined
    return "<nav class=\"tabs\" aria-label=\"Range\">\(links)</nav>"
  }
}

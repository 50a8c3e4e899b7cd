import Cryptography
import Dashboard
public import Domain
public import Notify
public import Store

/// How an account did within a period: for the terminal, as one file, and as a letter.
public struct TearSheet: Sendable {
  /// The account's history within the period.
  public let history: PortfolioHistory
  private let version: String
  private let zone: Zone

  /// Columns of the spark-line.
  private static let sparkColumns = 60
  private static let sparks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// The sheet of an account for so long before its newest valuation; nil when it was never valued.
  ///
  /// - Parameters:
  ///   - account: nil: the first.
  ///   - time: what was valued later does not count; nil: all counts.
  /// - Throws: a `Fault` of the database; exit 64 when there is no such account.
  public init?(
    _ transaction: ReadTransaction, account: String?, period: TimeSpan, by time: Instant? = nil,
    zone: Zone,
    version: String
  ) throws {
    let all = try transaction.accounts.all()
    guard let chosen = account.map({ name in all.first { $0.name == name } }) ?? all.first else {
      guard let account else { return nil }
      throw Fault(
        "report on", "account \(account)", cause: "there is no such account",
        remedy: all.isEmpty
          ? "carillon job run --chain fetch"
          : "known are " + all.map(\.name).joined(separator: ", "),
        exit: .usage)
    }
    let newest =
      if let time {
        try transaction.equity.latest(chosen.name, by: time)
      } else {
        try transaction.equity.latest(chosen.name)
      }
    guard let latest = newest,
      let history = try PortfolioHistory(
        transaction, account: chosen.name, from: latest.time - period, through: latest.time)
    else { return nil }
    (self.history, self.version, self.zone) = (history, version, zone)
  }

  private var clock: PageClock { PageClock(zone: zone) }
  private var newest: Instant { history.points.last?.time ?? .epoch }

  /// `Account main, 2026-08-22 12:00:00Z to 2026-11-20 12:00:00Z`.
  public var title: String {
    let first = history.points.first?.time ?? newest
    return "Account \(history.account.name), \(clock.text(first)) to \(clock.text(newest))"
  }

  /// The figures by name, in the order of the sheet.
  public var figures: [(name: String, value: String)] {
    let worth = history.points.last.map { "\($0.equity.onPage) \(history.account.quote)" }
    return ([("Equity", worth)] + PerformancePage.named(history)).compactMap { figure in
      figure.1.map { (figure.0, $0) }
    }
  }

  /// The equity as a line of blocks, lowest to highest.
  public var sparkLine: String {
    let values = history.points.map(\.growth)
    guard let low = values.min(), let high = values.max(), high > low else { return "" }
    let columns = min(Self.sparkColumns, values.count)
    return String(
      (0..<columns).map { column -> Character in
        let value = values[(column + 1) * values.count / columns - 1]
        let step = Int((value - low) / (high - low) * Double(Self.sparks.count - 1) + 0.5)
        return Self.sparks[step]
      })
  }

  /// The file: one page that asks nobody for anything.
  public var html: String {
    let page = OneFilePage(
      title: title, content: PerformancePage.sheet(history, clock), version: version,
      time: newest, clock: clock)
    return page.text(styleHash: Base64.text(SHA256.hash(OneFilePage.style.utf8)))
  }

  /// A letter with the figures, a spark-line and a link.
  ///
  /// - Parameter id: tells its letters apart.
  public func letter(
    from: String, to: [String], link: String?, id: String, now: Instant
  ) -> MailLetter {
    let width = figures.map(\.name.count).max() ?? 0
    var lines = [title, "", sparkLine, ""]
    lines += figures.map { name, value in
      name + String(repeating: " ", count: width - name.count + 2) + value
    }
    if let link { lines += ["", "\(link)/performance"] }
    let rows = figures.map { name, value -> HTML in
      "<tr><th align=\"left\">\(name)</th><td align=\"right\">\(value)</td></tr>"
    }.joined
    let more: HTML? = link.map { "<p><a href=\"\($0)/performance\">\($0)/performance</a></p>" }
    let body: HTML = """
      <html lang="en"><head><meta charset="utf-8"><title>\(title)</title></head><body>\
      <h1>\(title)</h1><p><code>\(sparkLine)</code></p><table>\(rows)</table>\(more)</body></html>
      """
    return MailLetter(
      from: from, to: to, subject: "Carillon: \(title)",
      text: lines.joined(separator: "\r\n") + "\r\n", html: "<!DOCTYPE html>\(body.text)",
      date: now, id: "carillon.report.\(history.account.name).\(id)")
  }
}

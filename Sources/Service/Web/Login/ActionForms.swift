import Dashboard
import Domain
import Scheduler
import Settings
import Store

/// The forms of who may act. Each brings along the session's own secret. On pages that only show, each is
/// a link to the same page of the service, unless that is reached under
/// the same host name.
enum ActionForms {
  /// Who is logged in, with the way out.
  static func person(_ session: Sessions.Session) -> HTML {
    let halt: HTML? = session.mayAct ? "<a href=\"/halt\">Halt</a> " : nil
    return """
      <form class="person" method="post" action="/logout">\(halt)\(session.user)\
      \(session.mayAct ? HTML() : " (looks only)" as HTML) \(secret)\
      <button>Log out</button></form>
      """
  }

  static func job(
    _ job: JobName, _ health: JobHealth, _ source: PageSource, _ query: PageQuery
  ) -> HTML {
    let page = "/jobs/\(PercentEncoding.encoded(job.text, .path))"
    if let link = elsewhere("Run, pause or resume it", page, source) { return link }
    guard mayAct(query) else { return "" }
    let account = source.facts.schedule?[job]?.kind.placesOrders == true ? name(source) : nil
    let subject: HTML = "<input type=\"hidden\" name=\"subject\" value=\"\(job.text)\">"
    if health.state == .paused, health.pausedJob == job {
      return form("resume-job", "Resume", subject, asksWhy: false, account: account)
    }
    let run = form("run-job", "Run now", subject, asksWhy: false, account: account)
    let span: HTML = """
      <label>For <input name="span" size="6" placeholder="2h" pattern="[0-9]+(ms|s|m|h|d)"></label>
      """
    return "\(run)\(form("pause", "Pause", subject + span, asksWhy: true))"
  }

  static func run(_ run: RunRecord, _ source: PageSource, _ query: PageQuery) -> HTML {
    let isOpen = run.state == .running || run.state.isDebt
    if let link = elsewhere(isOpen ? "Cancel it" : "Try it again", "/runs/\(run.id)", source) {
      return link
    }
    guard mayAct(query) else { return "" }
    let subject: HTML = "<input type=\"hidden\" name=\"subject\" value=\"\("\(run.slot)")\">"
    if isOpen { return form("cancel", "Cancel", subject, asksWhy: true) }
    guard let job = source.facts.schedule?[run.slot.job] else { return "" }
    return form(
      "retry", "Retry", subject, asksWhy: false,
      account: job.kind.placesOrders ? name(source) : nil)
  }

  static func alert(_ record: AlertRecord, _ source: PageSource, _ query: PageQuery) -> HTML {
    guard record.state == .open else { return "" }
    if let link = elsewhere("Acknowledge it", "/alerts", source) { return link }
    guard mayAct(query) else { return "" }
    let subject: HTML = "<input type=\"hidden\" name=\"subject\" value=\"\(record.key)\">"
    let span: HTML = """
      <label>for <input name="span" size="6" value="2h" required pattern="[0-9]+(ms|s|m|h|d)"></label>
      """
    return """
      \(form("acknowledge", "Acknowledge", subject, asksWhy: false))\
      <details><summary>Silence it</summary>\
      \(form("silence", "Silence", subject + span, asksWhy: true))</details>
      """
  }

  static func silence(_ source: PageSource, _ query: PageQuery) -> HTML {
    if let link = elsewhere("Silence alerts", "/alerts", source) { return link }
    guard mayAct(query) else { return "" }
    let fields: HTML = """
      <label>Tell nothing of <input name="subject" value="all" required maxlength="200"></label>
      <label>for <input name="span" size="6" placeholder="2h" required pattern="[0-9]+(ms|s|m|h|d)">\
      </label>
      """
    return form("silence", "Silence", fields, asksWhy: true)
  }

  /// The page of the halt.
  static func halt(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    let halt = try source.store.read { try $0.halts.current() }
    let words: HTML =
      if let halt {
        """
        <p>Halted (\(halt.level.rawValue)) since \(query.clock.shown(halt.since)) by \(halt.source): \
        <span class="wrap">\(halt.reason)</span></p>
        """
      } else {
        """
        <p>Trading goes on. A halt lets no order out until somebody ends it; jobs go on, and so do \
        orders that work at the venue.</p>
        """
      }
    guard mayAct(query) else {
      let command: HTML =
        halt == nil ? "carillon halt --reason TEXT" : "carillon resume --reason TEXT"
      return "\(words)<p class=\"dim\">On the command line: <code>\(command)</code></p>"
    }
    let act =
      halt == nil
      ? form("halt", "Halt trading", "", asksWhy: true)
      : form("resume", "End the halt", "", asksWhy: true, account: name(source))
    return words + act
  }

  private static func mayAct(_ query: PageQuery) -> Bool { query.session?.mayAct == true }

  /// Where a page only shows: the way to the page that acts; empty where none is known.
  private static func elsewhere(_ words: String, _ path: String, _ source: PageSource) -> HTML? {
    // Under one host name a form reaches the service, and nobody has to go there.
    guard source.isObserver, source.actAt?.isEmpty != true else { return nil }
    return source.actAt.map { "<p class=\"act\"><a href=\"\($0 + path)\">\(words)</a></p>" } ?? ""
  }

  /// The field for the name of an account whose orders are worth money; nil where none are.
  private static func name(_ source: PageSource) -> HTML? {
    guard let names = source.settings?.liveAccounts, !names.isEmpty else { return nil }
    return """
      <label>Real money: type \(names.joined(separator: " or ")) \
      <input name="account" required size="12" autocomplete="off"></label>
      """
  }

  private static func form(
    _ verb: String, _ word: String, _ fields: HTML, asksWhy: Bool,
    account: HTML? = nil
  ) -> HTML {
    let why: HTML? =
      asksWhy ? "<label>Why <input name=\"reason\" required maxlength=\"300\"></label> " : nil
    return """
      <form class="act" method="post" action="/act/\(verb)">\(secret)\(fields)\(why)\
      \(account)<button>\(word)</button></form>
      """
  }

  /// The session's own secret is put in when the page is sent: what is made is the same for all who may act.
  private static let secret: HTML =
    "<input type=\"hidden\" name=\"form\" value=\"\(HTML.secret)\">"
}

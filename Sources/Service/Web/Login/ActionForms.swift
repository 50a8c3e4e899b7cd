import Dashboard
import Domain
import Scheduler
import Store

/// The forms of who may act. Each brings along the session's own secret.
enum ActionForms {
  /// Who is logged in, with the way out.
  static func person(_ session: Sessions.Session, isObserver: Bool = false) -> HTML {
    let halt: HTML? = session.mayAct && !isObserver ? "<a href=\"/halt\">Halt</a> " : nil
    return """
      <form class="person" method="post" action="/logout">\(halt)\(session.user)\
      \(session.mayAct && !isObserver ? HTML() : " (looks only)" as HTML) \(secret(session))\
      <button>Log out</button></form>
      """
  }

  static func job(
    _ job: JobName, _ health: JobHealth, _ session: Sessions.Session?
  ) -> HTML {
    guard let session, session.mayAct else { return "" }
    let subject: HTML = "<input type=\"hidden\" name=\"subject\" value=\"\(job.text)\">"
    if health.state == .paused, health.pausedJob == job {
      return form("resume-job", "Resume", session, subject, asksWhy: false)
    }
    let span: HTML = """
      <label>For <input name="span" size="6" placeholder="2h" pattern="[0-9]+(ms|s|m|h|d)"></label>
      """
    return form("pause", "Pause", session, subject + span, asksWhy: true)
  }

  static func run(_ run: RunRecord, _ session: Sessions.Session?) -> HTML {
    guard let session, session.mayAct, run.state == .running || run.state.isDebt else { return "" }
    return form(
      "cancel", "Cancel", session,
      "<input type=\"hidden\" name=\"subject\" value=\"\("\(run.slot)")\">", asksWhy: true)
  }

  static func alert(_ record: AlertRecord, _ session: Sessions.Session?) -> HTML {
    guard let session, session.mayAct else { return "" }
    let subject: HTML = "<input type=\"hidden\" name=\"subject\" value=\"\(record.key)\">"
    return record.state == .open
      ? form("acknowledge", "Acknowledge", session, subject, asksWhy: false) : ""
  }

  static func silence(_ session: Sessions.Session?) -> HTML {
    guard let session, session.mayAct else { return "" }
    let fields: HTML = """
      <label>Tell nothing of <input name="subject" value="all" required maxlength="200"></label>
      <label>for <input name="span" size="6" placeholder="2h" required pattern="[0-9]+(ms|s|m|h|d)">\
      </label>
      """
    return form("silence", "Silence", session, fields, asksWhy: true)
  }

  /// The page of the halt.
  static func halt(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    guard let session = query.session, session.mayAct else { return nil }
    let halt = try source.store.read { try $0.halts.current() }
    guard let halt else {
      return """
        <p>Trading goes on. A halt lets no order out until somebody ends it; jobs go on, and so do \
        orders that work at the venue.</p>\(form("halt", "Halt trading", session, "", asksWhy: true))
        """
    }
    return """
      <p>Halted (\(halt.level.rawValue)) since \(query.clock.shown(halt.since)) by \(halt.source): \
      <span class="wrap">\(halt.reason)</span></p>\
      \(form("resume", "End the halt", session, "", asksWhy: true))
      """
  }

  private static func form(
    _ verb: String, _ word: String, _ session: Sessions.Session, _ fields: HTML, asksWhy: Bool
  ) -> HTML {
    let why: HTML? =
      asksWhy ? "<label>Why <input name=\"reason\" required maxlength=\"300\"></label> " : nil
    return """
      <form class="act" method="post" action="/act/\(verb)">\(secret(session))\(fields)\(why)\
      <button>\(word)</button></form>
      """
  }

  private static func secret(_ session: Sessions.Session) -> HTML {
    "<input type=\"hidden\" name=\"form\" value=\"\(session.form)\">"
  }
}

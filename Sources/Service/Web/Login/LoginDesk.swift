import Dashboard
import Domain
import Hummingbird
import Store
import Synchronization

/// Lets people in and out.
final class LoginDesk: Sendable {
  private let users: WebUsers
  private let readings: ServiceReadings
  private let limiter = Mutex(LoginLimiter())
  /// When a wrong password was last put on record.
  private let told = Mutex<TimeSpan?>(nil)

  /// Of wrong passwords one is put on record so often, so that whoever tries for months fills no disk.
  static let recordInterval = TimeSpan.minutes(1)
  let sessions = Sessions()

  /// The name of the session's cookie. Cookies know hosts and no ports: a process that shows beside the
  /// service has one of its own, or each would end the other's sessions.
  private var name: String { readings.isObserver ? "view-session" : "session" }

  init(_ users: WebUsers, _ readings: ServiceReadings) {
    (self.users, self.readings) = (users, readings)
  }

  /// The session of a request.
  func session(_ request: Request) -> Sessions.Session? {
    var session = sessions.session(token(request), uptime: readings.uptime)
    // What this process lets in by itself the service does not know.
    if readings.isObserver { session?.mayAct = false }
    return session
  }

  /// The form, with what went wrong before.
  static func form(_ mistake: String? = nil) -> String {
    let told: HTML? = mistake.map { "<p class=\"bad\" role=\"alert\">\($0)</p>" }
    return BarePage.text(
      "Log in",
      """
      \(told)<form method="post" action="/login">
      <p><label>Name <input name="name" autocomplete="username" required maxlength="64"></label></p>
      <p><label>Password <input name="password" type="password" autocomplete="current-password" \
      required maxlength="512"></label></p><p><button>Log in</button></p></form>
      """)
  }

  /// What comes of a name and a password: a session's secret, or what to say.
  func enter(
    name: String, password: String, address: String
  ) async throws -> Result<String, Refusal> {
    let uptime = readings.uptime
    if let wait = limiter.withLock({ $0.take(name: name, address: address, uptime: uptime) }) {
      return .failure(
        Refusal(status: .tooManyRequests, words: "Too many tries: wait \(wait.rounded)."))
    }
    let user = users[name]
    guard let tried = user ?? users.anyone else { return .failure(Self.wrong) }
    let isRight = try await readings.hashing { tried.hash.matches(password) }
    guard isRight, let user else {
      let isNews = told.withLock { told in
        guard told.map({ uptime - $0 >= Self.recordInterval }) ?? true else { return false }
        told = uptime
        return true
      }
      if isNews {
        try await note("a password for \(Self.shown(name)) from \(address) was wrong")
      }
      return .failure(Self.wrong)
    }
    limiter.withLock { $0.succeed(name: name, address: address) }
    try await note("\(user.name) logged in from \(address)")
    let token = sessions.begin(user, uptime: readings.uptime)
    try await readings.share { $0.begin(token, user, now: $1) }
    return .success(token)
  }

  /// Ends the session of a request.
  func leave(_ request: Request) async throws {
    guard let token = token(request), session(request) != nil else { return }
    sessions.end(token)
    try await readings.share { sessions, _ in sessions.end(token) }
  }

  /// The session that a request has at the service beside this process; nil where it has none, or this is the
  /// service.
  func sharedSession(_ request: Request) async throws -> Sessions.Session? {
    guard readings.actsHere, let token = PageQuery.cookie("session", request.headers[.cookie])
    else { return nil }
    return try await readings.sharedSession(token)
  }

  /// Why nobody is let in.
  struct Refusal: Error {
    var status: HTTPResponse.Status
    var words: String
  }

  private static let wrong = Refusal(
    status: .forbidden, words: "That name and password do not belong together.")

  /// The field that keeps a session's secret in the browser; nil forgets it.
  func cookie(_ token: String?, _ request: Request) -> String {
    let isSecure = request.headers[.origin]?.hasPrefix("https://") == true
    return "\(name)=\(token ?? ""); Path=/; Max-Age=\(token == nil ? 0 : 43_200); HttpOnly; "
      + "SameSite=Strict" + (isSecure ? "; Secure" : "")
  }

  private func token(_ request: Request) -> String? {
    PageQuery.cookie(name, request.headers[.cookie])
  }

  private func note(_ words: String) async throws {
    try await readings.note("login", words)
  }

  /// A name that may be anything, or a password in the wrong field: only one that is a user's is told.
  private static func shown(_ name: String) -> String {
    name.utf8.count <= 64 && JobName(name) != nil ? name : "a name"
  }
}

import Cryptography
import Domain
import Synchronization

/// Who is logged in. Sessions are kept in memory: a restart ends them all.
final class Sessions: Sendable {
  /// A person's session.
  struct Session: Sendable {
    var user: String
    var mayAct: Bool
    /// What a form must bring along, so that no page of another can send it.
    var form: String
    /// When it ends, by the clock that nobody sets.
    var ends: TimeSpan
  }

  /// It ends so long after it began.
  static let length = TimeSpan.hours(12)
  /// So many at once: the one that ends first gives way.
  static let maximumSessions = 200

  private let sessions = Mutex<[String: Session]>([:])

  /// Begins a session. Returns its secret, which is new each time.
  func begin(_ user: WebUsers.User, uptime: TimeSpan) -> String {
    let token = Self.secret()
    let session = Session(
      user: user.name, mayAct: user.mayAct, form: Self.form(of: token),
      ends: uptime + Self.length)
    sessions.withLock { sessions in
      sessions = sessions.filter { $0.value.ends > uptime }
      if sessions.count >= Self.maximumSessions,
        let first = sessions.min(by: { $0.value.ends < $1.value.ends })
      {
        sessions[first.key] = nil
      }
      sessions[token] = session
    }
    return token
  }

  /// The session of a secret.
  func session(_ token: String?, uptime: TimeSpan) -> Session? {
    guard let token, let session = sessions.withLock({ $0[token] }), session.ends > uptime else {
      return nil
    }
    return session
  }

  /// Ends a session.
  func end(_ token: String) { sessions.withLock { $0[token] = nil } }

  /// What the forms of a session bear: made of its secret, so that whoever has that can make them too, and the
  /// other way round nobody can.
  static func form(of token: String) -> String {
    Hexadecimal.text(HMAC.code(of: Array("form of carillon".utf8), key: Array(token.utf8), .sha256))
  }

  /// 256 bits of the system's randomness (getrandom), as 64 digits.
  static func secret() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<4).map { _ in
      let digits = String(generator.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}

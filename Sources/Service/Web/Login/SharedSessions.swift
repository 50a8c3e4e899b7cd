import Cryptography
import Domain
import Store

/// The sessions of a service as it puts them on record, so that a process that only shows beside it, under the
/// same host name, knows who is logged in: one login for both.
///
/// What is on record is the hash of a session's secret, of which nobody makes a secret again, and nothing that
/// the service itself goes by.
struct SharedSessions: Hashable, Sendable {
  /// A session.
  struct Entry: Hashable, Sendable {
    /// SHA-256 of its secret, in hexadecimal.
    var hash: String
    var user: String
    var mayAct: Bool
    /// When it ends, by the service's clock.
    var ends: Instant
  }

  var entries: [Entry] = []

  /// No sessions.
  init() {}

  /// Reads what `text` wrote; of anything else nothing.
  init(_ text: String) {
    do throws(JSONSyntaxError) {
      entries = (try JSONValue.parse(Array(text.utf8)).array ?? []).compactMap { value in
        guard let hash = value["hash"]?.string, let user = value["user"]?.string,
          let mayAct = value["act"]?.bool,
          let ends = value["ends"]?.string.flatMap({ Instant(rfc3339: $0) })
        else { return nil }
        return Entry(hash: hash, user: user, mayAct: mayAct, ends: ends)
      }
    } catch {
      entries = []  // not ours: nobody is let in by it
    }
  }

  /// The sessions as JSON.
  var text: String {
    JSONValue.array(
      entries.map {
        .object([
          .init("hash", .string($0.hash)), .init("user", .string($0.user)),
          .init("act", .bool($0.mayAct)), .init("ends", .string("\($0.ends)")),
        ])
      }
    ).text()
  }

  /// Notes a session that begins; those that are over are forgotten, and of too many the one that ends first.
  mutating func begin(_ token: String, _ user: WebUsers.User, now: Instant) {
    entries.removeAll { $0.ends <= now }
    if entries.count >= Sessions.maximumSessions,
      let first = entries.indices.min(by: { entries[$0].ends < entries[$1].ends })
    {
      entries.remove(at: first)
    }
    entries.append(
      Entry(
        hash: Self.hash(token), user: user.name, mayAct: user.mayAct,
        ends: now + Sessions.length))
  }

  /// Notes that a session is over.
  mutating func end(_ token: String) {
    let hash = Self.hash(token)
    entries.removeAll { $0.hash == hash }
  }

  /// The session of a secret; nil where there is none, or it is over.
  func session(_ token: String, now: Instant) -> Sessions.Session? {
    let hash = Self.hash(token)
    guard let entry = entries.first(where: { $0.hash == hash }), entry.ends > now else {
      return nil
    }
    return Sessions.Session(
      user: entry.user, mayAct: entry.mayAct, form: Sessions.form(of: token), ends: .zero)
  }

  private static func hash(_ token: String) -> String { SHA256.hexadecimal(token.utf8) }
}

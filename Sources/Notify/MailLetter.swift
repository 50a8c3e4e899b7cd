import Cryptography
public import Domain

/// A letter: RFC 5322 with a plain and an HTML part, in ASCII alone.
public struct MailLetter: Sendable {
  /// Who writes.
  public var from: String
  /// Who reads.
  public var to: [String]
  /// The subject, one line.
  public var subject: String
  /// The plain text.
  public var text: String
  /// The same in HTML.
  public var html: String
  /// When it is written.
  public var date: Instant
  /// What is before the `@` of its identity: a letter that is sent twice bears the same.
  public var id: String
  /// The thread that it belongs to, as `id`; nil: none.
  public var thread: String?

  /// A letter of these parts.
  public init(
    from: String, to: [String], subject: String, text: String, html: String, date: Instant,
    id: String, thread: String? = nil
  ) {
    (self.from, self.to, self.subject, self.text) = (from, to, subject, text)
    (self.html, self.date, self.id, self.thread) = (html, date, id, thread)
  }

  /// The letter of a message.
  public init(_ message: AlertMessage, from: String, to: [String]) {
    let lines = message.lines.map { "<p>\(Self.escaped($0))</p>" }.joined(separator: "\r\n")
    self.init(
      from: from, to: to, subject: "Carillon: \(message.title)",
      text: message.lines.joined(separator: "\r\n") + "\r\n",
      html: """
        <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>\
        \(Self.escaped(message.title))</title></head><body><h1>\(Self.escaped(message.title))</h1>
        \(lines)</body></html>
        """,
      date: message.time, id: "carillon.\(message.id).\(message.time.milliseconds)",
      thread: "carillon.alert.\(message.alertID).\(message.since.milliseconds)")
  }

  /// As it goes over the wire, lines ended by CR LF.
  public var bytes: [UInt8] {
    let domain = from.split(separator: "@").last.map(String.init) ?? "localhost"
    let boundary = "carillon-\(SHA256.hexadecimal(Array("\(id)\(text)".utf8)).prefix(32))"
    var head = [
      "Date: \(Self.date(date))", "From: Carillon <\(from)>",
      "To: " + to.joined(separator: ",\r\n "), Self.header("Subject", subject),
      "Message-ID: <\(id)@\(domain)>",
    ]
    if let thread { head.append("References: <\(thread)@\(domain)>") }
    head += [
      "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
      "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"", "",
    ]
    for (type, content) in [("plain", text), ("html", html)] {
      head += [
        "--\(boundary)", "Content-Type: text/\(type); charset=utf-8",
        "Content-Transfer-Encoding: base64", "", Self.lines(Base64.text(Array(content.utf8))),
      ]
    }
    head += ["--\(boundary)--", ""]
    return Array(head.joined(separator: "\r\n").utf8)
  }

  /// RFC 2045: no line of base64 is longer.
  private static let lineCharacters = 76
  /// RFC 2047: a line with encoded words has at most 76 characters; so many bytes make 48 of base64, with
  /// `=?UTF-8?B?` and `?=` 60, and leave room for the field's name.
  private static let wordBytes = 36

  private static func lines(_ text: String) -> String {
    var (lines, rest): ([Substring], Substring) = ([], text[...])
    while !rest.isEmpty {
      lines.append(rest.prefix(lineCharacters))
      rest = rest.dropFirst(lineCharacters)
    }
    return lines.joined(separator: "\r\n")
  }

  /// A header; what is not plain ASCII, or long, in encoded words, each a line.
  static func header(_ name: String, _ value: String) -> String {
    let value = Alert.line(value)
    let isPlain = value.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !value.contains("=?")
    if isPlain, name.count + value.count + 2 <= 78 { return "\(name): \(value)" }
    var (words, word): ([String], [UInt8]) = ([], [])
    for character in value {
      let bytes = Array(String(character).utf8)
      if word.count + bytes.count > wordBytes, !word.isEmpty {
        words.append(Base64.text(word))
        word = []
      }
      word += bytes
    }
    if !word.isEmpty { words.append(Base64.text(word)) }
    return "\(name): " + words.map { "=?UTF-8?B?\($0)?=" }.joined(separator: "\r\n ")
  }

  /// RFC 5322, 3.3, in UTC: `Fri, 20 Nov 2026 12:00:00 +0000`.
  static func date(_ instant: Instant) -> String {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let civil = Zone.utc.civil(at: instant)
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    // The epoch was a Thursday.
    let sinceMonday = (instant.seconds.quotient(86_400) + 3).remainder(7)
    return "\(days[Int(sinceMonday)]), \(civil.date.day) \(months[civil.date.month - 1]) "
      + "\(civil.date.year) \(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) +0000"
  }

  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
  }
}

extension Int64 {
  fileprivate func quotient(_ n: Int64) -> Int64 { (self - remainder(n)) / n }
  fileprivate func remainder(_ n: Int64) -> Int64 { (self % n + n) % n }
}

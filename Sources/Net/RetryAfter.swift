public import Domain

/// For how long an answer refuses: `Retry-After` in seconds or as a date, Binance's "banned until" in
/// the text, or what is usual where nothing is said.
struct RetryAfter: Sendable {
  /// A refusal: its end, and what was said.
  struct Refusal: Hashable, Sendable {
    var until: Instant
    var reason: String
  }

  /// Without a word of the venue: to the next minute for too many requests, and the shortest ban of
  /// Binance for a ban.
  static let usualBan = TimeSpan.minutes(2)

  /// The refusal of a 429 or 418, and of a 503 that says when to come back; nil for every other answer.
  func refusal(in response: HTTPResponse, at now: Instant) -> Refusal? {
    let told = [
      response.header("Retry-After").flatMap { end($0, at: now) }, banned(in: response.body),
    ].compactMap { $0 }.filter { $0 > now }.max()
    switch response.status {
    case 429:
      let next = (now.milliseconds.flooringQuotient(60_000) + 1) * 60_000
      return Refusal(
        until: told ?? Instant(milliseconds: next), reason: "HTTP 429: too many requests")
    case 418:
      return Refusal(
        until: told ?? now + Self.usualBan, reason: "HTTP 418: this address is banned for a while")
    case 200:
      return kraken(response.body, at: now)
    case 503:
      return told.map { Refusal(until: $0, reason: "HTTP 503: the service is not available") }
    default:
      return nil
    }
  }

  /// Kraken refuses with status 200 and words: `{"error":["EService:Throttled: 1700000000"]}`.
  ///
  /// Source: docs.kraken.com, "Spot REST rate limits". A lock-out lasts some minutes.
  private func kraken(_ body: [UInt8], at now: Instant) -> Refusal? {
    let text = String(decoding: body.prefix(96), as: UTF8.self).filter { $0 != " " }
    guard text.hasPrefix("{\"error\":[\"E") else { return nil }
    let told = text.dropFirst("{\"error\":[\"".count)
    if told.hasPrefix("EGeneral:Temporarylockout") {
      return Refusal(until: now + Self.krakenLockout, reason: "EGeneral:Temporary lockout")
    }
    guard told.hasPrefix("EService:Throttled:") else { return nil }
    let digits = told.dropFirst("EService:Throttled:".count).prefix { $0.isNumber }
    let end = Int64(digits).flatMap { $0 < 1 << 40 ? Instant(told: $0 * 1000) : nil }
    return Refusal(until: max(end ?? now, now + .seconds(1)), reason: "EService:Throttled")
  }

  /// For how long Kraken shuts a key or an address out after errors in a row.
  static let krakenLockout = TimeSpan.minutes(15)

  /// The end of a wait that is written as seconds or as a date.
  private func end(_ text: String, at now: Instant) -> Instant? {
    let text = text.split(separator: " ").joined(separator: " ")
    if text.utf8.allSatisfy({ (48...57).contains($0) }), !text.isEmpty {
      // More digits than fit are a long time all the same.
      let seconds = Int64(text) ?? .max
      return now + .seconds(min(seconds, RateBudget.longestBan.milliseconds / 1000))
    }
    return HTTPDate.instant(text)
  }

  /// The end of a ban in the text of an answer: "IP banned until 1700000000000".
  private func banned(in body: [UInt8]) -> Instant? {
    let mark = Array("banned until ".utf8)
    let text = body.prefix(4096)
    guard let start = text.indices.first(where: { text[$0...].starts(with: mark) }) else {
      return nil
    }
    let digits = text[(start + mark.count)...].prefix { (48...57).contains($0) }
    return Int64(String(decoding: digits, as: UTF8.self)).flatMap { Instant(told: $0) }
  }
}

/// Dates as HTTP writes them (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
public enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// The instant of a date in the preferred form; nil for any other text.
  public static func instant(_ text: String) -> Instant? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", parts[1].count == 2, parts[3].count == 4,
      let month = months.firstIndex(of: String(parts[2]))
    else { return nil }
    let number = month + 1
    return Instant(
      rfc3339: "\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
  }
}

import Domain

/// Shows instants to people in one zone, always with the zone's name.
struct Clock {
  /// The zone, UTC unless `--tz` says otherwise.
  let zone: Zone

  /// `2026-11-20 14:07:31Z`, or `2026-11-20 15:07:31 CET` in another zone.
  func text(_ instant: Instant) -> String {
    if zone == .utc {
      let text = "\(Instant(seconds: instant.seconds))"
      return text.replacing("T", with: " ")
    }
    let civil = zone.civil(at: instant)
    return "\(civil.date) \(Self.time(civil)) \(zone.abbreviation(at: instant))"
  }

  /// `14:07:31`, for tables whose title or note names the zone; with the date when it is not today's.
  func short(_ instant: Instant, now: Instant) -> String {
    let civil = zone.civil(at: instant)
    let today = zone.civil(at: now).date
    return civil.date == today ? Self.time(civil) : "\(civil.date) \(Self.time(civil))"
  }

  /// A sentence with every time in it shown in the zone; those in commands and names of slots, which
  /// are to be typed as they stand, stay.
  func localised(_ sentence: String) -> String {
    var result = ""
    var rest = sentence[...]
    while let match = rest.firstMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/) {
      let before = rest[..<match.range.lowerBound]
      result += before
      let isName = before.hasSuffix("@")
      let isArgument = before.hasSuffix("-at ") || before.hasSuffix("-from ")
      let instant = isName || isArgument ? nil : Instant(rfc3339: match.output)
      result += instant.map(text) ?? String(match.output)
      rest = rest[match.range.upperBound...]
    }
    return result + rest
  }

  private static func time(_ civil: CivilDateTime) -> String {
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    return "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second))"
  }
}

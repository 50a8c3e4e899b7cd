public import Domain
import StrictYAML

/// The hours of each day in which only what is critical is told.
public struct QuietHours: Hashable, Sendable {
  /// When they begin, in minutes after midnight.
  public var from: Int
  /// When they end, in minutes after midnight; before `from`, they go over midnight.
  public var to: Int
  /// The zone of both.
  public var zone: Zone

  /// Hours of these bounds.
  public init(from: Int, to: Int, zone: Zone) { (self.from, self.to, self.zone) = (from, to, zone) }

  /// The end of the hours that an instant is in; nil when it is in none.
  public func end(at now: Instant) -> Instant? {
    let civil = zone.civil(at: now)
    let minute = civil.hour * 60 + civil.minute
    guard from <= to ? (from..<to).contains(minute) : minute >= from || minute < to else {
      return nil
    }
    let left = (to - minute + Self.minutesOfDay) % Self.minutesOfDay
    let start = now - .milliseconds(Int64(civil.second) * 1000 + now.milliseconds.modulo(1000))
    let end = start + .minutes(Int64(left))
    // On a day on which clocks change, it is later or earlier by what they change.
    let ended = zone.civil(at: end)
    let off = to - (ended.hour * 60 + ended.minute)
    return abs(off) <= Self.longestChange ? max(end + .minutes(Int64(off)), now) : end
  }

  private static let minutesOfDay = 24 * 60
  private static let longestChange = 180

  init?(_ reader: MappingReader) {
    let words = "a time of day like 22:00"
    let from = reader.value("from", expected: words, required: true, Self.minute)
    let to = reader.value("to", expected: words, required: true, Self.minute)
    var zone = Zone.utc
    if let node = reader.value("timezone"), let name = node.text {
      do {
        zone = try ZoneDatabase.zone(name)
      } catch {
        reader.log.error(at: node, error.cause, mend: error.remedy)
      }
    }
    reader.finish()
    guard let from, let to else { return nil }
    if from == to {
      reader.log.error(
        at: reader.node, "quiet hours that end when they begin are none", mend: "remove them")
    }
    self.init(from: from, to: to, zone: zone)
  }

  /// `22:00` in minutes after midnight.
  private static func minute(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let areDigits = parts.allSatisfy { part in
      part.utf8.count == 2 && part.utf8.allSatisfy { (48...57).contains($0) }
    }
    guard parts.count == 2, areDigits, let hour = Int(parts[0]), let minute = Int(parts[1]),
      hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }
}

extension Int64 {
  fileprivate func modulo(_ n: Int64) -> Int64 { (self % n + n) % n }
}

public import Domain

/// Shows instants on a page in one zone, always with the zone's name.
public struct PageClock: Sendable {
  /// The zone.
  public let zone: Zone

  /// A clock of a zone.
  public init(zone: Zone) { self.zone = zone }

  /// `2026-11-20 14:07:31Z`, or `2026-11-20 15:07:31 CET` in another zone.
  public func text(_ instant: Instant) -> String {
    let civil = zone.civil(at: instant)
    let time = "\(civil.date) \(Self.two(civil.hour)):\(Self.two(civil.minute))"
    let seconds = ":\(Self.two(civil.second))"
    return zone == .utc
      ? "\(time)\(seconds)Z" : "\(time)\(seconds) \(zone.abbreviation(at: instant))"
  }

  /// The instant as an element that machines can read too.
  public func shown(_ instant: Instant) -> HTML {
    "<time datetime=\"\("\(Instant(seconds: instant.seconds))")\">\(text(instant))</time>"
  }

  /// The instant, or what stands for none.
  public func shown(_ instant: Instant?, or none: String) -> HTML {
    instant.map(shown) ?? HTML(escaping: none)
  }

  /// `11-20 14:07`, for the axis of a chart, whose title names the zone.
  func axis(_ instant: Instant) -> String {
    let civil = zone.civil(at: instant)
    return "\(String("\(civil.date)".suffix(5))) \(Self.two(civil.hour)):\(Self.two(civil.minute))"
  }

  private static func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
}

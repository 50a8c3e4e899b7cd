import Domain

/// Whether a password is looked at: each name and each address has a few tries, which come back with
/// time, and so has the whole server. It decides before anything is hashed, since hashing is what costs.
struct LoginLimiter: Sendable {
  /// Tries of a name, or of an address, at once; of all together so many.
  static let burst = 5
  static let burstOfAll = 20
  /// A try comes back after so long.
  static let refill = TimeSpan.seconds(30)
  static let refillOfAll = TimeSpan.seconds(3)
  /// Names and addresses that are remembered; beyond, those whose tries have come back are forgotten,
  /// and where all are fresh nobody new is let in.
  static let maximumKeys = 2000

  private enum Key: Hashable {
    case name(String)
    case address(String)
    case all
  }

  /// When the last of the tries that were used will have come back.
  private var whole: [Key: TimeSpan] = [:]

  /// Uses a try of each. Returns how long to wait instead where there is none.
  mutating func take(name: String, address: String, uptime: TimeSpan) -> TimeSpan? {
    let keys = [Key.name(name), .address(address), .all]
    if whole.count + keys.count > Self.maximumKeys {
      whole = whole.filter { $0.value > uptime }
      if whole.count + keys.count > Self.maximumKeys { return Self.refill }
    }
    for key in keys {
      let (burst, refill) = Self.limits(key)
      let next = max(whole[key] ?? uptime, uptime) + refill
      let wait = next - uptime - refill * Int64(burst)
      if wait > .zero { return wait }
    }
    for key in keys { whole[key] = max(whole[key] ?? uptime, uptime) + Self.limits(key).refill }
    return nil
  }

  /// A password was right: its name and address have all their tries again.
  mutating func succeed(name: String, address: String) {
    whole[.name(name)] = nil
    whole[.address(address)] = nil
  }

  private static func limits(_ key: Key) -> (burst: Int, refill: TimeSpan) {
    key == .all ? (burstOfAll, refillOfAll) : (burst, refill)
  }
}

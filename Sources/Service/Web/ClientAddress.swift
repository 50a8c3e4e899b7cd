import Settings

/// From where a request came: the other end of its connection, or, where that is a proxy whose word
/// counts, whom the proxy says it came from.
enum ClientAddress {
  /// Of the list that proxies lengthen, so many are looked at.
  static let maximumHops = 16

  /// The address.
  ///
  /// - Parameters:
  ///   - peer: the other end of the connection.
  ///   - forwarded: the values of `X-Forwarded-For`, in their order: each proxy adds behind them whom it
  ///     was asked by.
  ///   - trusted: whose word counts.
  static func of(_ peer: String, forwarded: [String], trusted: [AddressRange]) -> String {
    func isTrusted(_ address: String) -> Bool { trusted.contains { $0.contains(address) } }
    var address = peer
    let hops = forwarded.joined(separator: ",").split(separator: ",").suffix(maximumHops)
    // From the nearest on, as long as who says it may; what is no address ends it.
    for hop in hops.reversed() {
      guard isTrusted(address) else { break }
      let text = hop.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
      guard AddressRange.bytes(of: String(text)) != nil else { break }
      address = String(text)
    }
    return address
  }
}

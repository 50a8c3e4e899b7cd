import Glibc

/// Which names a request may ask for (its `Host`): a page in a browser that has a name of its own point
/// to this address must not read what is served here.
///
/// Addresses and names without a dot cannot be had in the public name system; others are told in the
/// settings.
struct HostRule: Sendable {
  private let names: Set<String>

  /// A rule for a server at an address, with further names.
  init(bind: String, names: [String]) {
    var own = [CChar](repeating: 0, count: 256)
    let hasName = gethostname(&own, own.count - 1) == 0
    let host =
      hasName
      ? String(decoding: own.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
    self.names = Set((names + [bind, host]).map { $0.lowercased() })
  }

  /// Whether a request for this authority, `host` or `host:port`, is answered; one without is.
  func allows(_ authority: String?) -> Bool {
    guard let authority, !authority.isEmpty else { return true }
    let host = Self.host(of: authority.lowercased())
    guard !host.isEmpty else { return false }
    return host.hasPrefix("[") || !host.contains(".") || Self.isAddress(host)
      || names.contains(String(host))
  }

  private static func host(of authority: String) -> Substring {
    if authority.hasPrefix("[") { return authority.prefix { $0 != "]" } }
    return authority.prefix { $0 != ":" }
  }

  private static func isAddress(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }
}

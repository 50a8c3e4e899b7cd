/// What may be told of an address.
public enum HTTPAddress {
  /// An address without what may be secret in it: a user's name and password before the host, the
  /// query, which may hold a signature or a key, and the fragment. Where the host cannot be told from
  /// a secret that is written wrongly, it is left out too.
  public static func told(_ url: String) -> String {
    let bytes = Array(url.utf8)
    let slashes = bytes.indices.first { index in
      bytes[index] == UInt8(ascii: ":") && bytes[index...].starts(with: Array("://".utf8))
    }
    let scheme = slashes.map { String(decoding: bytes[..<$0], as: UTF8.self) + "://" } ?? ""
    let rest = bytes[(slashes.map { $0 + 3 } ?? 0)...]
    let end = rest.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
    let authority = rest[..<end]
    let host =
      authority.lastIndex(of: UInt8(ascii: "@")).map { authority[($0 + 1)...] } ?? authority
    // A password with a `/`, `?` or `#` in it ends the authority early: its beginning looks like a
    // host with a port that is none, and its end is before an `@` further on.
    let path = rest[end...].prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    guard isHost(host), !path.contains(UInt8(ascii: "@")) else { return "\(scheme)..." }
    return scheme + String(decoding: host, as: UTF8.self) + String(decoding: path, as: UTF8.self)
  }

  /// A name or an address, and a port.
  private static func isHost(_ text: ArraySlice<UInt8>) -> Bool {
    let bracket = text.lastIndex(of: UInt8(ascii: "]")) ?? text.startIndex
    let colon = text[bracket...].firstIndex(of: UInt8(ascii: ":"))
    let port = colon.map { text[($0 + 1)...] } ?? []
    return port.allSatisfy { (48...57).contains($0) }
      && text[..<(colon ?? text.endIndex)].allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || byte >= 0x80
          || (97...122).contains(byte) || "-._[]:%".utf8.contains(byte)
      }
  }
}

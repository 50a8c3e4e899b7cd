import Settings
import Testing

@testable import Service

/// Whose word counts of where a request came from.
@Suite struct ClientAddressTests {
  // Expected: Python's ipaddress.ip_address(A) in ipaddress.ip_network(R).
  @Test(arguments: [
    ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false),
    ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false),
    ("192.0.2.0/25", "192.0.2.127", true), ("192.0.2.0/25", "192.0.2.128", false),
    ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
    ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
    ("127.0.0.1", "::ffff:127.0.0.1", true), ("::1", "::1", true),
  ])
  func ranges(_ range: String, _ address: String, _ isIn: Bool) throws {
    #expect(try #require(AddressRange(range)).contains(address) == isIn)
  }

  @Test(arguments: [
    "", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/-1", "a/8", "10.0.0.0/+8",
  ])
  func whatIsNone(_ text: String) { #expect(AddressRange(text) == nil) }

  /// The rightmost that no trusted proxy is.
  @Test(
    arguments: [
      // Nobody is trusted: what is claimed does not count.
      ("203.0.113.9", ["198.51.100.1"], [], "203.0.113.9"),
      ("203.0.113.9", ["198.51.100.1"], ["127.0.0.1"], "203.0.113.9"),
      // One proxy, which adds whom it was asked by behind what that one claimed.
      ("127.0.0.1", ["198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
      ("127.0.0.1", ["1.2.3.4, 198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
      ("127.0.0.1", ["1.2.3.4", "198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
      // Two proxies.
      (
        "127.0.0.1", ["1.2.3.4, 198.51.100.1,10.0.0.5"], ["127.0.0.1", "10.0.0.0/8"], "198.51.100.1"
      ),
      // All are proxies: the first of them.
      ("127.0.0.1", ["10.0.0.6, 10.0.0.5"], ["127.0.0.1", "10.0.0.0/8"], "10.0.0.6"),
      // What is no address ends it.
      ("127.0.0.1", ["198.51.100.1, unknown"], ["127.0.0.1"], "127.0.0.1"),
      ("127.0.0.1", ["<script>"], ["127.0.0.1"], "127.0.0.1"),
      ("127.0.0.1", [], ["127.0.0.1"], "127.0.0.1"),
      ("127.0.0.1", ["198.51.100.1:8080"], ["127.0.0.1"], "127.0.0.1"),
      ("127.0.0.1", ["2001:db8::1"], ["127.0.0.1"], "2001:db8::1"),
    ] as [(String, [String], [String], String)])
  func chains(_ peer: String, _ forwarded: [String], _ trusted: [String], _ expected: String) {
    let found = ClientAddress.of(
      peer, forwarded: forwarded, trusted: trusted.compactMap { AddressRange($0) })
    #expect(found == expected)
  }
}

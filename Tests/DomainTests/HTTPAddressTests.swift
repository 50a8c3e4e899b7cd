import Domain
import Testing

/// What is told of an address holds no name, password, query or fragment.
@Suite struct HTTPAddressTests {
  @Test(arguments: [
    ("https://api.example.com/api/v3/time?x=1", "https://api.example.com/api/v3/time"),
    ("http://user:CANARY@127.0.0.1:9/a", "http://127.0.0.1:9/a"),
    ("http://CANARY@[::1]:80/a#CANARY", "http://[::1]:80/a"),
    ("http://user:CAN@ARY@host/a", "http://host/a"),
    ("http://host?email=CANARY@b", "http://host"),
    // Badly written: the password ends the authority early.
    ("http://user:CANARY/x@host/a", "http://..."),
    ("http://user:1234/CANARY@host/a", "http://..."),
    ("http://user:CANARY?x@host/a", "http://..."),
    ("http://user:CANARY#x@host/a", "http://..."),
    ("user:CANARY@host/a", "host/a"),
    ("", ""),
  ])
  func leavesOutWhatMayBeSecret(_ address: String, _ told: String) {
    #expect(HTTPAddress.told(address) == told)
    #expect(!HTTPAddress.told(address).contains("CANARY"))
  }
}

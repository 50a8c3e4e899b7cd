import Cryptography
import Domain
import Testing

@testable import Box

@Suite struct BinanceAccessTests {
  /// The example of github.com/binance/binance-spot-api-docs, `rest-api.md`, "HMAC Keys".
  @Test func provesTheDocumentedSignature() throws {
    let access = try BinanceAccess(
      BoxAccount(
        name: "example", key: "k",
        secret: Secret("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"),
        balances: [:]))
    let payload =
      "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
      + "&timestamp=1499827319559"
    let signature = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    #expect(access.signed(payload, by: signature))
    #expect(access.signed(payload, by: signature.uppercased()))
    #expect(!access.signed(payload + "0", by: signature))
  }

  /// A key made by `openssl genpkey -algorithm ed25519`, which guards nothing, and `openssl pkeyutl
  /// -sign -rawin` over `timestamp=1`.
  @Test func provesWhatAKeyOfOnesOwnSigned() throws {
    let access = try BinanceAccess(
      BoxAccount(name: "own", key: "k", secret: Secret(Self.pem), balances: [:]))
    #expect(access.signed("timestamp=1", by: Self.signature))
    #expect(!access.signed("timestamp=2", by: Self.signature))
    #expect(!access.signed("timestamp=1", by: "no base64"))
  }

  @Test func refusesAKeyThatIsNone() {
    #expect(throws: Fault.self) {
      try BinanceAccess(
        BoxAccount(
          name: "own", key: "k", secret: Secret("-----BEGIN PRIVATE KEY-----\nAAAA\n"),
          balances: [:]))
    }
  }

  private static let pem = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEIIhyC1f1UaKsfs4YswfG9A7rJKJvJnA6BqElehuD/KVo
    -----END PRIVATE KEY-----

    """
  private static let signature =
    "zbpV1fwzpAcgvcNVi10HRMicxHp0OdtVeE8bUTAdcqYxPWj3hXEMFJRJW8n0FCZ4aSiqvjuRLNWczNp64Pt2BA=="
}

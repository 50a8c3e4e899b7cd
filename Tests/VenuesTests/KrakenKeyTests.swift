import Domain
import Testing
import Venues

@Suite struct KrakenKeyTests {
  /// The example of Kraken's documentation, "Authentication".
  @Test func signsTheDocumentedExample() throws {
    let key = try #require(
      KrakenKey(
        id: Secret("public"),
        secret: Secret(
          "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
        )))
    #expect(
      key.signature(
        of: "/0/private/AddOrder", nonce: "1616492376594",
        body:
          "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25")
        == "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
    )
  }

  @Test(arguments: ["", "not base64!", "a"])
  func refusesASecretThatIsNone(_ text: String) {
    #expect(KrakenKey(id: Secret("public"), secret: Secret(text)) == nil)
  }

  /// Nanoseconds of the clock; one more each time where it stands or was set back.
  @Test func noncesNeverGoBack() {
    let now = Instant(milliseconds: 1_700_000_000_000)
    var state = KrakenKeyState()
    #expect(state.nextNonce(at: now) == 1_700_000_000_000_000_000)
    #expect(state.nextNonce(at: now) == 1_700_000_000_000_000_001)
    #expect(state.nextNonce(at: now - .days(3)) == 1_700_000_000_000_000_002)
    var next = KrakenKeyState(text: state.text) ?? KrakenKeyState()
    #expect(next.nextNonce(at: .epoch) == 1_700_000_000_000_000_003)
    #expect(next.nextNonce(at: now + .milliseconds(1)) == 1_700_000_000_001_000_000)
  }

  /// Fifteen at once, then 0.33 a second: the sixteenth after 1 / 0.33 = 3.0303 s.
  @Test func countsAsKrakenDoes() {
    let now = Instant(milliseconds: 1_700_000_000_000)
    var state = KrakenKeyState()
    for _ in 0..<15 { #expect(state.count(1, at: now) == nil) }
    #expect(state.count(0, at: now) == nil, "orders are not counted")
    #expect(state.count(1, at: now) == .milliseconds(3031))
    #expect(state.count(1, at: now + .milliseconds(3030)) == .milliseconds(1))
    #expect(state.count(1, at: now + .milliseconds(3031)) == nil)
    // 15 - 3.031 * 0.33 + 1 is 14.99977: 1.99977 too many, of which 0.33 go in a second.
    #expect(
      state.count(2, at: now - .days(1)) == .milliseconds(6060), "a clock set back frees nothing")
    var full = KrakenKeyState()
    full.fill(at: now)
    #expect(full.count(2, at: now) == .milliseconds(6061))
    #expect(full.count(15, at: now + .seconds(45)) != nil)
  }

  @Test(arguments: ["", "1 2", "2 5 0 0", "1 x 0 0", "1 5 -1 0", "1 5 15000001 0"])
  func takesNoOtherText(_ text: String) { #expect(KrakenKeyState(text: text) == nil) }
}

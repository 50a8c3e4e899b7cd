import Domain
import Net
import Testing
import Venues

/// What a key may do at Kraken.
@Suite struct KrakenPermissionsTests {
  private static let trading =
    "\"query-funds\",\"query-open-trades\",\"query-closed-trades\",\"modify-trades\",\"close-trades\""

  /// What `GetApiKeyInfo` tells (docs.kraken.com, "Get API Key Info"), and what follows for real money: what
  /// cannot be looked up or taken back is not sent, an address of one's own is the way out of the account,
  /// and a permission that nobody knows here a person has to look at.
  @Test(
    arguments: [
      (trading, "0", true, false),
      ("\(trading),\"query-ledger\",\"export-data\"", "0", true, false),
      ("\(trading),\"withdraw-funds\"", "0", true, true),
      ("\(trading),\"add-withdraw-address\"", "0", true, true),
      ("\(trading),\"update-withdraw-address\"", "0", true, true),
      ("\(trading),\"transfer-wallets\"", "0", true, nil),
      (
        "\"query-funds\",\"query-open-trades\",\"modify-trades\",\"close-trades\"", "0", false,
        false
      ),
      ("", "0", false, false),
      // Orders after that day are not shown to it.
      (trading, "1764331200", false, false),
    ] as [(String, String, Bool, Bool?)])
  func readsWhatAKeyMay(
    _ names: String, _ queryTo: String, _ canTrade: Bool, _ canWithdraw: Bool?
  ) async throws {
    let desk = KrakenDesk.desk {
      $0.method == "GetApiKeyInfo"
        ? KrakenStub.ok(
          """
          {"error":[],"result":{"apiKeyName":"bot","permissions":[\(names)],"queryFrom":"0",\
          "queryTo":"\(queryTo)","validUntil":"0","ipAllowlist":["192.0.2.1"],"lastUsed":null}}
          """) : nil
    }
    let permissions = try await desk.venue.permissions()
    #expect(permissions.canTrade == canTrade)
    #expect(permissions.canWithdraw == canWithdraw)
    #expect(permissions.isBoundToAddresses == true)
    #expect(permissions.lacking.isEmpty == canTrade)
    let refusal = permissions.refusal(isConfirmed: false)
    #expect((refusal == nil) == (canTrade && canWithdraw == false))
  }

  @Test func anAnswerWithoutPermissionsIsNone() async throws {
    let desk = KrakenDesk.desk {
      $0.method == "GetApiKeyInfo" ? KrakenStub.ok("{\"error\":[],\"result\":{}}") : nil
    }
    await #expect(throws: Fault.self) { _ = try await desk.venue.permissions() }
  }
}

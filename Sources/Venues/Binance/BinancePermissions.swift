import Domain

extension BinanceSpot {
  /// What the key may do. Source: developers.binance.com, Wallet, "Get API Key Permission".
  public func permissions() async throws -> KeyPermissions {
    guard let reply = try await caller.ask("/sapi/v1/account/apiRestrictions", [], weight: 1)
    else { return KeyPermissions() }
    func flag(_ name: String) -> Bool? { reply[name]?.bool }
    // Moving money between one's own accounts can end outside of what is traded here.
    let ways = [
      "enableWithdrawals", "enableInternalTransfer", "permitsUniversalTransfer",
    ].map(flag)
    return KeyPermissions(
      canTrade: flag("enableSpotAndMarginTrading"),
      canWithdraw: ways.contains(true) ? true : ways[0] == false ? false : nil,
      isBoundToAddresses: flag("ipRestrict"))
  }
}

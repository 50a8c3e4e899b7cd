import Domain

/// What a key may do at Kraken, as `GetApiKeyInfo` tells it.
///
/// Source: docs.kraken.com, "Get API Key Info", and "API keys" for what each call needs.
enum KrakenPermissions {
  /// What trading needs: orders that cannot be looked up, or taken back, are no orders to send.
  private static let needed = [
    "query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades",
  ]
  /// What lets money out, or opens the way for it.
  private static let loose: Set<String> = [
    "withdraw-funds", "add-withdraw-address", "update-withdraw-address",
  ]
  /// What else there is, and harms nothing.
  private static let harmless: Set<String> = [
    "add-funds", "earn-funds", "query-ledger", "export-data", "create-ws-token",
  ]

  /// The permissions of an answer. - Throws: `Fault` when it is none.
  static func read(_ result: JSONValue, _ replies: KrakenReplies) throws -> KeyPermissions {
    guard let rows = result["permissions"]?.array else {
      throw replies.defect("it tells no permissions of the key")
    }
    let names = rows.compactMap(\.string)
    guard names.count == rows.count else { throw replies.defect("a permission is no text") }
    var lacking = needed.filter { !names.contains($0) }
    // Such a key is shown no orders after that time: they would count as never sent.
    if let end = result["queryTo"]?.string ?? result["queryTo"]?.int64.map(String.init),
      end != "0", !end.isEmpty
    {
      lacking.append("queries without an end date")
    }
    let isKnown = names.allSatisfy {
      needed.contains($0) || loose.contains($0) || harmless.contains($0)
    }
    let isLoose = names.contains(where: loose.contains)
    var permissions = KeyPermissions(
      canTrade: lacking.isEmpty, canWithdraw: isLoose ? true : isKnown ? false : nil,
      isBoundToAddresses: result["ipAllowlist"]?.array.map { !$0.isEmpty })
    permissions.lacking = lacking
    return permissions
  }
}

extension KrakenSpot {
  /// What the key may do.
  public func permissions() async throws -> KeyPermissions {
    guard let result = try await caller.ask("GetApiKeyInfo", []) else { return KeyPermissions() }
    return try KrakenPermissions.read(result, replies)
  }
}

import Domain
import Portfolio
import Testing

@Suite struct OrderIdentityTests {
  @Test(arguments: [
    // python3: base64.b32encode(hashlib.sha256(TEXT.encode()).digest()).decode().lower()[:14]
    ("main", "rebalance", 1_795_183_260_000, "ETH-USDT", 0, "car-yxf2zqaylvxh5w"),
    ("btc-5m", "rebalance-btc-5m", 1_515_560_400_000, "ETC-BTC", 1, "car-losx24vtzdxjno"),
  ])
  func isTheHashOfTheKey(
    _ account: String, _ job: String, _ slot: Int64, _ pair: String, _ leg: Int, _ id: String
  ) throws {
    let key = OrderKey(
      account: account,
      slot: Slot(job: try #require(JobName(job)), time: Instant(milliseconds: slot)),
      symbol: try symbol(pair), leg: leg)
    #expect(ClientOrderID(deriving: key).text == id)
  }
}

import Domain
import Exchange
import Testing

@testable import Venues

/// Every filter that Binance publishes for a symbol, as its documentation shows them (`filters.md`).
@Suite struct BinanceFiltersTests {
  static let row = """
    {"symbol":"ETHUSDT","status":"BREAK","baseAsset":"ETH","quoteAsset":"USDT",
     "orderTypes":["LIMIT","LIMIT_MAKER","MARKET"],"filters":[
      {"filterType":"PRICE_FILTER","minPrice":"0.01000000","maxPrice":"1000000.00000000",
       "tickSize":"0.01000000"},
      {"filterType":"LOT_SIZE","minQty":"0.00020000","maxQty":"9000.00000000",
       "stepSize":"0.00010000"},
      {"filterType":"MARKET_LOT_SIZE","minQty":"0.00000000","maxQty":"120.50000000",
       "stepSize":"0.00000000"},
      {"filterType":"PERCENT_PRICE_BY_SIDE","bidMultiplierUp":"5","bidMultiplierDown":"0.2",
       "askMultiplierUp":"4","askMultiplierDown":"0.5","avgPriceMins":5},
      {"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true,
       "maxNotional":"9000000.00000000","applyMaxToMarket":false,"avgPriceMins":5},
      {"filterType":"MAX_NUM_ORDERS","maxNumOrders":200},
      {"filterType":"SOMETHING_NEW","x":1}]}
    """

  func listing(_ text: String) throws -> BinanceListing {
    try #require(try BinanceListing(try JSONValue.parse(Array(text.utf8)), venue: "binance"))
  }

  @Test func readsThemAll() throws {
    let filters = try listing(Self.row).instrument.filters
    #expect(filters.minimumPrice == Amount("0.01"))
    #expect(filters.maximumPrice == Amount(1_000_000))
    #expect(filters.minimumQuantity == Amount("0.0002"))
    #expect(filters.maximumQuantity == Amount(9000))
    #expect(filters.marketLot == nil)
    #expect(filters.marketMaximum == Amount("120.5"))
    // The stricter side.
    #expect(filters.lowestPriceFactor == Amount("0.5"))
    #expect(filters.highestPriceFactor == Amount(4))
    #expect(filters.maximumNotional == Amount(9_000_000))
    #expect(filters.minimumNotionalAppliesToMarket)
    #expect(!filters.maximumNotionalAppliesToMarket)
    #expect(filters.maximumOpenOrders == 200)
    #expect(filters.orderTypes == ["LIMIT", "LIMIT_MAKER", "MARKET"])
    #expect(filters.haltedStatus == "BREAK")
    #expect(TradingFilters(filters.json) == filters)
    #expect(TradingFilters(TradingFilters().json) == TradingFilters())
  }

  /// The contract asks by them: what the venue would refuse is refused before it is sent.
  @Test func theContractHoldsThem() throws {
    var instrument = try listing(Self.row).instrument
    let fees = FeeSchedule(.value(maker: Rate(.zero), taker: Rate(.zero)))
    #expect(Contract(instrument, venue: "binance", fees: fees).state == .halted)
    instrument.filters.haltedStatus = nil
    let contract = Contract(instrument, venue: "binance", fees: fees)
    #expect(contract.state == .listed)
    #expect(contract.quantities.maximum(isMarket: true) == Amount("120.5"))
    #expect(contract.quantities.minimum == Amount("0.0002"))
    #expect(contract.notional.maximum == Amount(9_000_000))
    #expect(contract.prices.maximum == Amount(1_000_000))
    #expect(contract.collar?.highest == Rate(Amount(4)))
  }

  /// A symbol that is traded in numbers beyond an amount has no bound there, and one without filters
  /// has the finest steps.
  @Test func oddFiltersAreNoBounds() throws {
    let huge = Self.row.replacing("9000.00000000", with: "9223372036854775807000000000000.0")
    #expect(try listing(huge).instrument.filters.maximumQuantity == nil)
    let none = try listing(#"{"baseAsset":"A","quoteAsset":"B","filters":[]}"#).instrument
    #expect(none.tick == Amount("0.00000001"))
    #expect(throws: Fault.self) { try listing(Self.row.replacing("0.00010000", with: "x")) }
  }
}

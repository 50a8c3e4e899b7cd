public import Domain
import GRDB

/// A trade as it was booked.
public struct FillRecord: Hashable, Sendable {
  /// The trade.
  public var fill: Fill
  /// The account.
  public var account: String
  /// The instrument.
  public var symbol: Symbol
  /// Buy or sell.
  public var side: Side
  /// Quantity times price, as booked, in the quote asset.
  public var value: Amount
  /// What was earned on what it closed, in the quote asset.
  public var realised: Amount
  /// The price that its plan decided by, in the quote asset; nil where the plan had none.
  public var decided: Amount?

  /// What it cost beyond the price of its decision, in the quote asset, before fees: the difference of
  /// the prices times the quantity, rounded once to 10^-12. Below zero: it was better than that.
  public var slippage: Amount?
  /// The same as a fraction of the decision's price.
  public var slippageRatio: Amount?

  /// The words of the entry of a fee that was told after its trade.
  public static func lateFeeReason(_ fill: Fill) -> String {
    FillTable<ReadTransaction>.lateFeeReason(fill.trade, of: fill.order.text)
  }

  static func slippage(
    _ side: Side, at price: Amount, of quantity: Amount, decided: Amount?
  ) throws(AmountError) -> Amount? {
    guard let decided else { return nil }
    let worse = side == .buy ? try price.subtracting(decided) : try decided.subtracting(price)
    return try worse.multiplied(by: quantity)
  }

  init(row: Row) throws {
    fill = Fill(
      order: ClientOrderID(row["client_id"]), trade: row["trade"],
      quantity: try row.amount("quantity"), price: try row.amount("price"),
      fee: try row.amountIfAny("fee").map { Fill.Fee($0, row["fee_asset"]) },
      time: row.instant("time"),
      candle: row.instantIfAny("candle"))
    account = row["account"]
    symbol = try row.symbol()
    side = try row.value("side")
    value = try row.amount("value")
    realised = try row.amount("realised")
    decided = try row.amountIfAny("decided")
    slippage = try Self.slippage(side, at: fill.price, of: fill.quantity, decided: decided)
    if let decided, decided > .zero {
      slippageRatio = try Self.slippage(side, at: fill.price, of: .one, decided: decided)?
        .divided(by: decided)
    }
  }
}

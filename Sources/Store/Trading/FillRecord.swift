public import Domain

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

  /// The columns of a record, in its order, of fills joined with their orders.
  static let columns = """
    fill.client_id, fill.trade, fill.quantity, fill.price, fill.fee, fill.fee_asset, fill.time,
    fill.candle, orders.account, orders.symbol, orders.side, fill.value, fill.realised,
    (SELECT price FROM target
      WHERE target.plan = orders.plan AND target.symbol = orders.symbol) AS decided
    """

  init(_ row: inout RowReader) throws {
    let order = ClientOrderID(try row.text())
    let trade = try row.text()
    let (quantity, price) = (try row.amount(), try row.amount())
    let (fee, asset) = (try row.amountIfAny(), try row.textIfAny())
    fill = Fill(
      order: order, trade: trade, quantity: quantity, price: price,
      fee: fee.map { Fill.Fee($0, asset ?? "") }, time: row.instant(), candle: row.instantIfAny())
    account = try row.text()
    symbol = try row.symbol()
    side = try row.value()
    value = try row.amount()
    realised = try row.amount()
    decided = try row.amountIfAny()
    slippage = try Self.slippage(side, at: fill.price, of: fill.quantity, decided: decided)
    if let decided, decided > .zero {
      slippageRatio = try Self.slippage(side, at: fill.price, of: .one, decided: decided)?
        .divided(by: decided)
    }
  }
}

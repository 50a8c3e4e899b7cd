import Domain
import Store

/// A database in which one account bought 10 ACME at 20 with a fee of 1, after a score of 0.7.
final class TradedAccount {
  let folder: ServiceFolder
  let store: Store
  let order = ClientOrderID("car-abcdefghijklmn")
  let symbol = Symbol("ACME-USD")!

  init() throws {
    folder = try ServiceFolder()
    store = try Store.open(folder.database, mode: .readWrite)
    let (infer, rebalance) = (
      Slot(job: JobName("infer")!, time: Self.at(3600)),
      Slot(job: JobName("rebalance")!, time: Self.at(3600))
    )
    let series = Series(venue: "files", symbol: symbol, timeframe: .hour)
    let key = OrderKey(account: "main", slot: rebalance, symbol: symbol, leg: 0)
    try store.write(at: Self.at(0)) {
      _ = try $0.accounts.open("main", quote: "USD", mode: .paper, initial: Amount(1000))
    }
    try store.write(at: Self.at(3601)) { [order, symbol] tx in
      let record = try tx.series.register(series)
      try tx.candles.upsert(
        [Candle(time: Self.at(0), open: 19, high: 21, low: 18, close: 20, volume: 5)],
        series: record, run: nil)
      let set = try tx.features.register(
        sha256: "f00d", specification: "m: sma(1)", names: ["m"])
      try tx.features.upsert(
        [FeatureRow(time: Self.at(0), values: [20])], set: set, series: record, run: nil)
      try tx.models.register(
        ModelRecord(sha256: "beef", kind: "rules", name: "trend", file: "m.yaml", features: ["m"]))
      try tx.predictions.replace(
        infer,
        with: [
          Prediction(
            series: series, time: Self.at(0), score: 0.7, model: "beef", featureSet: set.id)
        ], run: nil)
      try tx.plans.insert(
        account: "main", rebalance, run: nil, equity: Amount(1000), cash: Amount(1000),
        detail: #"{"scores":"\#(infer)","band":"0.01"}"#,
        lines: [
          PlanLine(
            symbol: symbol, score: 0.7, price: Amount(20), quantity: .zero, weight: .zero,
            targetWeight: Amount("0.2")!, targetReason: "capped from 0.7", decision: .buy,
            reason: nil),
          PlanLine(
            symbol: Symbol("IDLE-USD")!, score: 0.1, price: Amount(1), quantity: .zero,
            weight: .zero, targetWeight: .zero, targetReason: "outranked", decision: .hold,
            reason: "inside band"),
        ],
        orders: [Order(id: order, key: key, side: .buy, quantity: Amount(10), limit: nil)])
      try tx.orders.move(order, to: .intent)
      try tx.fills.insert(
        Fill(
          order: order, trade: "0", quantity: Amount(10), price: Amount(20),
          fee: Fill.Fee(Amount(1), "USD"), time: Self.at(3601)))
      try tx.orders.move(order, to: .filled)
      for (seconds, equity) in [(Int64(3600), Amount(1000)), (7200, Amount(999))] {
        try tx.equity.append(
          EquityPoint(time: Self.at(seconds), equity: equity, cash: Amount(799)), account: "main",
          run: nil)
      }
    }
  }

  static func at(_ seconds: Int64) -> Instant { Instant(seconds: seconds) }
}

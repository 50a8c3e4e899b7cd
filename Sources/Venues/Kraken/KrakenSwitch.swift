public import Domain

extension KrakenSpot {
  /// Arms Kraken's switch that cancels all orders, or takes it back with a time-out of 0. It counts in whole
  /// seconds, and starts anew each time that it is told.
  ///
  /// Source: docs.kraken.com, "Cancel All Orders After X".
  public func cancelAll(after span: TimeSpan?) async throws {
    let seconds = span.map { max($0.milliseconds / 1000, 1) } ?? 0
    let result = try await caller.ask("CancelAllOrdersAfter", [("timeout", "\(seconds)")])
    guard let trigger = result?["triggerTime"]?.string, (trigger == "0") == (seconds == 0) else {
      throw replies.defect("it does not say when it would cancel all orders")
    }
  }
}

import Domain
import Exchange

extension BinanceSpot {
  /// Trades of one contract as they are told, each once looked at again where it is not of today's rules.
  func trades(
    _ parameters: [(String, String)], weight: Int, _ contract: Contract
  ) async throws -> [VenueFill] {
    let fills = try await told(parameters, weight: weight, contract)
    guard try fills.contains(where: { try !Self.isOnGrid($0, contract) }) else { return fills }
    // Not of today's ticks and lots: rules of before, or digits that were not sent. These do not come twice.
    let again = Set(try await told(parameters, weight: weight, contract))
    guard fills.allSatisfy(again.contains) else {
      var fault = replies.defect("it tells a trade of \(contract.id) in two ways")
      fault.isTransient = true
      throw fault
    }
    return fills
  }

  /// Whether a trade is one of today's ticks and lots.
  static func isOnGrid(_ fill: VenueFill, _ contract: Contract) throws -> Bool {
    let (quantity, lot) = (fill.quantity.amount, contract.quantities.lot)
    return try contract.prices.holds(fill.price.amount)
      && quantity.rounded(toMultipleOf: lot, .down) == quantity
  }

  private func told(
    _ parameters: [(String, String)], weight: Int, _ contract: Contract
  ) async throws -> [VenueFill] {
    guard let rows = try await caller.ask("/api/v3/myTrades", parameters, weight: weight)?.array
    else {
      throw replies.defect("the trades are no list")
    }
    return try rows.map { row in
      let fill = try replies.trade(row, pair: contract.pair)
      guard fill.contract == contract.id else {
        throw replies.defect("it tells trades of \(fill.contract) for \(contract.id)")
      }
      return fill
    }
  }
}

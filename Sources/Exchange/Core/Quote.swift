public import Domain

/// What an exchange quotes for a contract now, by the same rules by which takers are filled.
public struct Quote: Hashable, Sendable {
  /// What a sale brings.
  public var bid: Amount
  /// What a purchase costs.
  public var ask: Amount
  /// How much may be taken at either; nil: any.
  public var size: Amount?
}

extension ExchangeCore {
  /// What is quoted for a contract; nil where no price is known.
  public func quote(_ id: ContractID) -> Quote? {
    guard let contract = contracts[id], let reference = freshReference(contract) else { return nil }
    let lot = contract.quantities.lot
    do throws(AmountError) {
      let price = { (side: Side) throws(AmountError) -> Amount in
        try model.slippage.price(
          side, reference: reference.price, quantity: lot, volume: reference.volume,
          grid: contract.prices)
      }
      let size = try model.takerCapacity(volume: reference.volume, taken: reference.taken)
      return Quote(
        bid: try price(.sell), ask: try price(.buy),
        size: try size?.rounded(toMultipleOf: lot, .down))
    } catch {
      return nil
    }
  }

  /// The orders that rest in the book of a contract, by number.
  public func resting(_ id: ContractID) -> [VenueOrder] {
    (books[id]?.numbers ?? []).compactMap { orders[$0] }
  }
}

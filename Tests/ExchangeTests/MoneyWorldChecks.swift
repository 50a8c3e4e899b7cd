import Domain
import Exchange

// What must be true after every transaction, by arithmetic of its own.
extension MoneyWorld {
  /// Nothing below zero; what is locked is what open orders hold; every total is the sum of postings.
  mutating func checkBooks() {
    for name in Self.names {
      var locked: [String: Int128] = [:]
      for order in core.openOrders(of: name) {
        for money in order.reserved { locked[money.asset, default: 0] += money.amount.units }
      }
      let book = core.accounts[name] ?? AccountBook()
      for (asset, balance) in book.balances {
        let parts = [balance.free, balance.locked, balance.unsettled].map(\.units)
        if parts.contains(where: { $0 < 0 }) { find("\(name) \(asset) is below zero: \(balance)") }
        if balance.locked.units != locked[asset] ?? 0 {
          find("\(name) \(asset): \(balance.locked) locked, orders hold \(locked[asset] ?? 0)")
        }
        let sum = sums[name]?[asset]?.units ?? 0
        if parts.reduce(0, +) != sum {
          find("\(name) \(asset): \(parts.reduce(0, +)) held, \(sum) posted")
        }
      }
    }
  }

  /// No order was taken against a rule that its contract publishes.
  mutating func checkRules(of order: VenueOrder) {
    guard let contract = core.contracts[order.ticket.contract] else {
      find("an order of no contract")
      return
    }
    let (quantity, isMarket) = (order.ticket.quantity.amount.units, order.ticket.limit == nil)
    let lot = max(
      contract.quantities.lot.units,
      isMarket ? contract.quantities.marketLot?.units ?? 0 : 0)
    var broken: [String] = []
    if quantity <= 0 || quantity % lot != 0 { broken.append("lot") }
    if let minimum = contract.quantities.minimum, quantity < minimum.units { broken.append("min") }
    if let most = contract.quantities.maximum, quantity > most.units { broken.append("max") }
    if isMarket, let most = contract.quantities.marketMaximum, quantity > most.units {
      broken.append("market max")
    }
    if let limit = order.ticket.limit?.amount {
      let tick =
        contract.prices.bands.last { $0.from <= limit }?.tick ?? contract.prices.bands[0].tick
      if limit.units <= 0 || limit.units % tick.units != 0 { broken.append("tick") }
    }
    let price = order.ticket.limit ?? core.reference(contract.id)?.price
    // Prices and quantities of this world are far from what a product in units cannot hold.
    let value = (price?.amount.units ?? 0) / 1_000_000 * quantity / 1_000_000
    if value < contract.notional.minimum.units - 1_000_000 { broken.append("notional") }
    if let most = contract.notional.maximum, value > most.units + 1_000_000 {
      broken.append("most notional")
    }
    switch contract.state {
    case .listed: break
    case .closing: if order.ticket.side == .buy { broken.append("closing") }
    default: broken.append("state \(contract.state)")
    }
    if !broken.isEmpty { find("order \(order.ticket) was taken against \(broken)") }
  }

  /// A trade is inside its limit, on the grid, of an open contract, and no more than its share.
  mutating func check(_ trade: Trade) {
    guard let order = core.orders[trade.order] else {
      find("a trade of no order")
      return
    }
    let price = trade.price.amount
    if let limit = order.ticket.limit?.amount {
      let isInside = trade.side == .buy ? price <= limit : price >= limit
      if !isInside { find("trade at \(price) beyond the limit \(limit)") }
    }
    if price <= .zero || trade.quantity.amount <= .zero { find("a trade of nothing: \(trade)") }
    if trade.fee.isNegative { find("a fee below zero: \(trade.fee)") }
    if order.filled.amount > order.ticket.quantity.amount { find("more filled than asked") }
    guard let bar = tape.bars[trade.contract]?.last(where: { $0.open == trade.candle }) else {
      find("a trade of no candle")
      return
    }
    if bar.close > trade.time { find("a trade of the future") }
    if bar.volume == .zero { find("a trade beside no volume") }
    guard trade.isMaker else { return }
    if price < bar.low && trade.side == .buy && order.ticket.limit?.amount != price {
      find("a resting purchase below the candle")
    }
    guard let share = core.model.participation, let volume = bar.volume else { return }
    let taken = makerTaken[trade.contract]?[bar.open]?.units ?? 0
    let sum = taken + trade.quantity.amount.units
    makerTaken[trade.contract, default: [:]][bar.open] = Amount(units: sum)
    if sum / 1000 * 1000 > volume.units / 1000 * (share.amount.units / 1_000_000_000) {
      find("\(Amount(units: sum)) taken of a volume of \(volume)")
    }
  }
}

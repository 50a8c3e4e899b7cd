import Domain
import Exchange
import Settings
import Store
import Venues

extension RebalanceJob {
  /// Refuses to begin an account anew where orders of ours were traded before: its database was lost, and
  /// what lies there would be bought a second time.
  ///
  /// - Throws: exit 77 with the way out.
  func refuseLostLedger(
    _ trading: TradingDesk, _ rules: [Symbol: Instrument], _ context: JobContext
  ) async throws {
    guard let place = trading.place,
      try context.store.read({ try $0.accounts.account(parameters.account) }) == nil
    else { return }
    let snapshot = try await trading.venue.account()
    for instrument in rules.values.sorted(by: { $0.symbol < $1.symbol }) {
      let there = try (snapshot.free[instrument.symbol.base] ?? .zero)
        .adding(snapshot.locked[instrument.symbol.base] ?? .zero)
      guard there > .zero else { continue }
      try context.checkpoint()
      let contract = trading.venue.contract(instrument)
      guard
        let ours = try await trading.venue.orders(of: contract).last(where: {
          $0.standing.id.text.hasPrefix(StrangeOrders.prefix)
        })
      else { continue }
      throw Fault(
        "open the account", parameters.account,
        cause: "\(place) has orders like ours, the last of \(instrument.symbol) of \(ours.placed): "
          + "its database was lost, or a second Carillon trades there",
        remedy: "restore the newest snapshot (carillon snapshot list), or take over what is there: "
          + "carillon adopt \(parameters.account)",
        exit: .refused)
    }
  }
}

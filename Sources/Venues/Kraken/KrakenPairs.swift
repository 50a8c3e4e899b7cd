import Domain
import Exchange
import Synchronization

/// What Kraken's names of pairs mean: `XXBTZUSD`, `XBTUSD`. Names that are not known are asked for.
final class KrakenPairs: Sendable {
  private let venue: String
  private let caller: KrakenCaller
  private let names = Mutex<[String: Symbol]>([:])

  init(venue: String, caller: KrakenCaller) { (self.venue, self.caller) = (venue, caller) }

  /// Learns the name of a pair that is traded.
  func learn(_ name: String, _ symbol: Symbol) { names.withLock { $0[name] = symbol } }

  /// Learns all names of an answer by one question, as far as they are not known.
  func learn(_ told: [String]) async throws {
    let unknown = names.withLock { known in Set(told.filter { known[$0] == nil }) }
    guard !unknown.isEmpty else { return }
    try await ask(unknown.sorted().prefix(KrakenMarket.maximumPairsAsked).joined(separator: ","))
  }

  /// Base and quote of a pair, by whichever of its names.
  func symbol(named name: String) async throws -> Symbol {
    if let known = names.withLock({ $0[name] }) { return known }
    try await ask(name)
    guard let symbol = names.withLock({ $0[name] }) else {
      throw Fault(
        "read trading rules of", "\(venue) \(name.prefix(40))",
        cause: "it does not tell base and quote", exit: .unavailable)
    }
    return symbol
  }

  private func ask(_ list: String) async throws {
    let result = try await caller.open("AssetPairs", [("pair", list)])
    for listing in try KrakenListing.all(result, venue: venue) {
      names.withLock {
        $0[listing.id] = listing.instrument.symbol
        $0[listing.alternative] = listing.instrument.symbol
      }
    }
  }

  /// The contract of a pair: its short name, by which it is asked for.
  func contract(_ symbol: Symbol) -> ContractID {
    ContractID(venue: venue, KrakenAsset.pairName(symbol))
  }
}

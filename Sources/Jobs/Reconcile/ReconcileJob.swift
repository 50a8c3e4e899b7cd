public import Domain
public import Logging
import Settings
public import Store
import StrictYAML
import Venues

/// A job of an account that can be held against its venue.
public protocol ReconcilingJob: Job {
  /// The account.
  var reconciled: String { get }

  /// Asks the exchange what became of our orders, and draws up a statement of balances and trades, which
  /// goes on record. What differs is told; of real money it halts trading.
  ///
  /// - Returns: the statement, and what else a person should know; nil on paper, where there is nobody to
  ///   ask.
  /// - Throws: exit 66 when the ledger does not have the account; exit 77 when orders like ours are there
  ///   that it does not know; a `Fault` of the exchange or the database.
  func reconcile(
    in store: Store, time: any TimeSource, log: Logger
  ) async throws -> (statement: VenueStatement, warnings: [String])?
}

/// Holds the ledger of an account against its venue: orders, trades, balances.
struct ReconcileJob: Job, ReconcilingJob {
  let kind = JobKind.reconcile
  let universe: Universe
  let reconciled: String
  private let settings: AccountSettings

  init?(_ reader: MappingReader, _ settings: Settings, _ sources: MarketSources) {
    let universe = Universe(reader, settings, sources)
    let chosen = AccountChoice(reader, settings)
    guard let universe, let own = chosen.settings else { return nil }
    (self.universe, self.settings, reconciled) = (universe, own, chosen.name)
    own.checkPlace(chosen.name, universe, reader)
  }

  func run(_ context: JobContext) async throws -> JobResult {
    guard try context.store.read({ try $0.accounts.account(reconciled) }) != nil else {
      return JobResult(summary: "no account yet: it begins with its first rebalance")
    }
    let found = try await reconcile(in: context.store, time: context.time, log: context.log)
    guard let (statement, warnings) = found else {
      return JobResult(summary: "on paper: there is nobody to hold it against")
    }
    let caveats = (statement.words.map { ["differs: \($0)"] } ?? []) + warnings
    return JobResult(
      summary: "\(statement.lines.count) assets, \(statement.compared) trades compared",
      caveat: caveats.isEmpty ? nil : caveats.joined(separator: "; "))
  }

  func reconcile(
    in store: Store, time: any TimeSource, log: Logger
  ) async throws -> (statement: VenueStatement, warnings: [String])? {
    try await universe.reconcile(reconciled, settings, in: store, time: time, log: log)
  }
}

extension RebalanceJob: ReconcilingJob {
  var reconciled: String { parameters.account }

  func reconcile(
    in store: Store, time: any TimeSource, log: Logger
  ) async throws -> (statement: VenueStatement, warnings: [String])? {
    try await universe.reconcile(
      parameters.account, parameters.settings, in: store, time: time, log: log)
  }
}

extension Universe {
  fileprivate func reconcile(
    _ account: String, _ settings: AccountSettings, in store: Store, time: any TimeSource,
    log: Logger
  ) async throws -> (statement: VenueStatement, warnings: [String])? {
    guard settings.execution != .paper else { return nil }
    let lock = try JobLock.acquire(account: account, beside: store.path, log: log)
    keepBudgets(in: store)
    guard let (venue, place) = try exchange(of: account, settings, time: time) else { return nil }
    let rules = try store.read { transaction in
      Dictionary(
        try transaction.instruments.all(at: self.venue).map { ($0.symbol, $0) },
        uniquingKeysWith: { first, _ in first })
    }
    let desk = StatementDesk(
      reconciliation: OrderReconciliation(
        store: store, time: time, log: log, venue: venue, account: account, rules: rules,
        slot: nil),
      trading: TradingDesk(venue: venue, account: account, settings: settings, place: place),
      place: place)
    let result = try await desk.draw()
    lock.release()
    return result
  }
}

public import Domain
import GRDB

/// One unchanging view of the database, valid inside the body that it was given to.
///
/// Its tables are properties, one per noun: `tx.runs`, `tx.candles`.
public class ReadTransaction: Transaction {
  let db: Database
  let path: String

  init(db: Database, path: String) { (self.db, self.path) = (db, path) }
}

/// A transaction that also writes.
public final class WriteTransaction: ReadTransaction {
  /// The one time that everything written in this transaction bears.
  public let now: Instant

  init(db: Database, path: String, now: Instant) {
    self.now = now
    super.init(db: db, path: path)
  }
}

/// What both kinds of transaction have: a table is `Table<Self>`, so that its writing methods exist
/// only where the transaction writes.
public protocol Transaction: AnyObject {}

extension Transaction where Self: ReadTransaction {
  /// The ledger of runs and attempts.
  public var runs: RunTable<Self> { RunTable(tx: self) }
  /// What the runs printed.
  public var output: RunOutputTable<Self> { RunOutputTable(tx: self) }
  /// What is remembered of each job.
  public var marks: JobMarkTable<Self> { JobMarkTable(tx: self) }
  /// The venues' trading rules.
  public var instruments: InstrumentTable<Self> { InstrumentTable(tx: self) }
  /// The series of candles that are known.
  public var series: SeriesTable<Self> { SeriesTable(tx: self) }
  /// The candles.
  public var candles: CandleTable<Self> { CandleTable(tx: self) }
  /// The candles that were corrected, as they stood.
  public var corrections: CandleCorrectionTable<Self> { CandleCorrectionTable(tx: self) }
  /// Rows of sources that were no candles.
  public var quarantine: QuarantineTable<Self> { QuarantineTable(tx: self) }
  /// Feature sets and their rows.
  public var features: FeatureTable<Self> { FeatureTable(tx: self) }
  /// The states that the next feature rows are made from.
  public var states: FeatureStateTable<Self> { FeatureStateTable(tx: self) }
  /// The models that were used.
  public var models: ModelTable<Self> { ModelTable(tx: self) }
  /// The scores.
  public var predictions: PredictionTable<Self> { PredictionTable(tx: self) }
  /// The portfolios.
  public var accounts: AccountTable<Self> { AccountTable(tx: self) }
  /// The candles that people accepted.
  public var acceptances: CandleAcceptanceTable<Self> { CandleAcceptanceTable(tx: self) }
  /// What each venue allows, and what of it is used.
  public var rateBudgets: RateBudgetTable<Self> { RateBudgetTable(tx: self) }
  /// Which symbols `all` were.
  public var universes: UniverseTable<Self> { UniverseTable(tx: self) }
  /// What was planned, and why.
  public var plans: PlanTable<Self> { PlanTable(tx: self) }
  /// The orders.
  public var orders: OrderTable<Self> { OrderTable(tx: self) }
  /// The trades.
  public var fills: FillTable<Self> { FillTable(tx: self) }
  /// What each account was worth.
  public var equity: EquityTable<Self> { EquityTable(tx: self) }
  /// Every change of an asset, as balanced entries.
  public var entries: EntryTable<Self> { EntryTable(tx: self) }
  /// The baselines of risk, and the limits that were passed.
  public var risk: RiskTable<Self> { RiskTable(tx: self) }
  /// The halts of trading.
  public var halts: HaltTable<Self> { HaltTable(tx: self) }
  /// Accounts held against their venues.
  public var statements: StatementTable<Self> { StatementTable(tx: self) }
  /// The snapshots that this database has made.
  public var snapshots: SnapshotTable<Self> { SnapshotTable(tx: self) }
  /// What people ask of the service.
  public var requests: RequestTable<Self> { RequestTable(tx: self) }
  /// What people are told of.
  public var alerts: AlertTable<Self> { AlertTable(tx: self) }
  /// What of it is on its way.
  public var deliveries: DeliveryTable<Self> { DeliveryTable(tx: self) }
  /// What is not told for a while.
  public var silences: SilenceTable<Self> { SilenceTable(tx: self) }
  /// What people and the process did.
  public var audit: AuditTable<Self> { AuditTable(tx: self) }
  /// What the running service tells other processes of itself.
  public var service: ServiceTable<Self> { ServiceTable(tx: self) }
}

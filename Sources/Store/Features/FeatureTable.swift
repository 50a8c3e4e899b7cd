public import Domain
import GRDB

/// A set of features: which numbers a row holds, and how they are made.
public struct FeatureSet: Hashable, Sendable, Identifiable {
  /// Its number, by which rows refer to it.
  public var id: Int64
  /// Its identity: the hash of the canonical specification with the versions of the kernels.
  public var sha256: String
  /// The canonical specification.
  public var specification: String
  /// The names of the features, in the order of a row.
  public var names: [String]

  init(row: Row) {
    id = row["id"]
    sha256 = row["sha256"]
    specification = row["specification"]
    names = NameList.split(row["names"])
  }
}

/// The features of one candle.
public struct FeatureRow: Hashable, Sendable {
  /// The opening time of the candle.
  public var time: Instant
  /// One number per name of the set; NaN where it is missing.
  public var values: [Double]

  /// A row of these values.
  public init(time: Instant, values: [Double]) { (self.time, self.values) = (time, values) }
}

/// Feature sets and their rows.
public struct FeatureTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The set with this hash; nil when it was never computed.
  public func set(sha256: String) throws -> FeatureSet? {
    try Row.fetchOne(
      db, sql: "SELECT * FROM feature_set WHERE sha256 = ?", arguments: [sha256]
    ).map(FeatureSet.init)
  }

  /// The set of this number.
  public func set(id: Int64) throws -> FeatureSet? {
    try Row.fetchOne(db, sql: "SELECT * FROM feature_set WHERE id = ?", arguments: [id])
      .map(FeatureSet.init)
  }

  /// All sets, oldest first.
  public func sets() throws -> [FeatureSet] {
    try Row.fetchAll(db, sql: "SELECT * FROM feature_set ORDER BY id").map(FeatureSet.init)
  }

  /// The newest rows at or before an instant, in order of time; `time` is that of the candle's
  /// opening.
  public func last(
    _ set: FeatureSet, _ series: SeriesRecord, count: Int = 1, atOrBefore time: Instant
  ) throws -> [FeatureRow] {
    let statement = try HotStatement(db, Self.select + "time <= ?3 ORDER BY time DESC LIMIT ?4")
    statement.bind(1, set.id)
    statement.bind(2, series.id)
    statement.bind(3, time.milliseconds)
    statement.bind(4, Int64(count))
    return try rows(statement, set).reversed()
  }

  /// Rows in order of time.
  ///
  /// - Parameters:
  ///   - set: the set.
  ///   - series: the series.
  ///   - after: only those of candles that open later than this; nil: from the first.
  ///   - through: only those of candles that open at or before this; nil: to the last.
  ///   - limit: how many at most.
  public func range(
    _ set: FeatureSet, _ series: SeriesRecord, after: Instant? = nil, through: Instant? = nil,
    limit: Int
  ) throws -> [FeatureRow] {
    let statement = try HotStatement(
      db, Self.select + "time > ?3 AND time <= ?4 ORDER BY time LIMIT ?5")
    statement.bind(1, set.id)
    statement.bind(2, series.id)
    statement.bind(3, after?.milliseconds ?? .min)
    statement.bind(4, through?.milliseconds ?? .max)
    statement.bind(5, Int64(limit))
    return try rows(statement, set)
  }

  /// The time of the newest row.
  public func newest(_ set: FeatureSet, _ series: SeriesRecord) throws -> Instant? {
    let statement = try HotStatement(
      db,
      "SELECT time FROM feature WHERE feature_set = ?1 AND series = ?2 ORDER BY time DESC LIMIT 1")
    statement.bind(1, set.id)
    statement.bind(2, series.id)
    return try statement.step() ? Instant(milliseconds: statement.int64(0)) : nil
  }

  /// How many rows a set has for a series.
  public func count(_ set: FeatureSet, _ series: SeriesRecord) throws -> Int {
    try Int.fetchOne(
      db, sql: "SELECT count(*) FROM feature WHERE feature_set = ? AND series = ?",
      arguments: [set.id, series.id]) ?? 0
  }

  private static var select: String {
    #"SELECT time, "values" FROM feature WHERE feature_set = ?1 AND series = ?2 AND "#
  }

  private func rows(
    _ statement: borrowing HotStatement, _ set: FeatureSet
  ) throws -> [FeatureRow] {
    var rows: [FeatureRow] = []
    while try statement.step() {
      let values = statement.withBytes(1) { Float64Blob.values($0) }
      guard let values, values.count == set.names.count else {
        throw Fault(
          "read the database", "features of set \(set.sha256)",
          cause: "a row does not hold \(set.names.count) numbers",
          remedy: "the file was changed by hand or is damaged: carillon snapshot restore",
          exit: .data)
      }
      rows.append(FeatureRow(time: Instant(milliseconds: statement.int64(0)), values: values))
    }
    return rows
  }
}

extension FeatureTable where Tx == WriteTransaction {
  /// The record of a set, made when there is none.
  ///
  /// - Parameter comparesSeries: whether a feature of it compares series with one another, so that a late
  ///   candle of one spoils the rows of all.
  /// - Throws: exit 70 when another specification is known under the same hash.
  public func register(
    sha256: String, specification: String, names: [String], comparesSeries: Bool = false
  ) throws -> FeatureSet {
    try db.execute(
      sql: """
        INSERT INTO feature_set (sha256, specification, names, compares, created)
        VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """,
      arguments: [
        sha256, specification, try NameList.joined(names), comparesSeries, tx.now.milliseconds,
      ])
    guard let set = try set(sha256: sha256), set.specification == specification,
      set.names == names
    else {
      throw Fault(
        "register", "feature set \(sha256)", cause: "another set bears the same hash",
        exit: .internal)
    }
    return set
  }

  /// Inserts rows, and replaces those whose numbers have changed, bit by bit.
  @discardableResult
  public func upsert(
    _ rows: [FeatureRow], set: FeatureSet, series: SeriesRecord, run: Int64?
  ) throws -> UpsertCounts {
    var counts = UpsertCounts()
    let insert = try HotStatement(
      db,
      """
      INSERT INTO feature (feature_set, series, time, "values", run) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT DO NOTHING
      """)
    let update = try HotStatement(
      db,
      """
      UPDATE feature SET "values" = ?4, run = ?5
      WHERE feature_set = ?1 AND series = ?2 AND time = ?3 AND "values" <> ?4
      """)
    for row in rows {
      precondition(row.values.count == set.names.count, "a row has one value per feature")
      try Float64Blob.withBytes(row.values) { bytes in
        Self.bind(row.time, bytes, set, series, run, to: insert)
        if try insert.run() == 1 {
          counts.inserted += 1
          return
        }
        Self.bind(row.time, bytes, set, series, run, to: update)
        if try update.run() == 1 { counts.changed += 1 } else { counts.unchanged += 1 }
      }
    }
    if counts.inserted + counts.changed > 0 { try tx.runs.noteThatItWrote(run) }
    return counts
  }

  private static func bind(
    _ time: Instant, _ bytes: UnsafeRawBufferPointer, _ set: FeatureSet, _ series: SeriesRecord,
    _ run: Int64?, to statement: borrowing HotStatement
  ) {
    statement.bind(1, set.id)
    statement.bind(2, series.id)
    statement.bind(3, time.milliseconds)
    statement.bind(4, bytes)
    statement.bind(5, run)
  }
}

import Domain
import GRDB
import Glibc
import Testing

@testable import Store

@Suite("Shipping the log")
struct ShippingTests {
  let database = TestDatabase()
  var spool: LogSpool { LogSpool(database: database.path) }

  /// A store with a table to write to, and its shipper.
  func shipped(_ limits: LogShipper.Limits = .init()) throws -> (Store, LogShipper) {
    try spool.turn(on: true)
    let store = try database.open()
    try store.connections.write {
      try $0.execute(sql: "CREATE TABLE paper (id INTEGER PRIMARY KEY, text BLOB) STRICT")
    }
    return (store, try LogShipper(store, limits: limits))
  }

  /// One transaction that touches some pages: it adds, changes and takes away, by the generator.
  func write(_ store: Store, _ random: inout SeededNumbers) throws {
    let (rows, size, victim) = (
      Int.random(in: 1...20, using: &random), Int.random(in: 10...6000, using: &random),
      Int.random(in: 1...200, using: &random)
    )
    try store.write(at: at(1)) { transaction in
      for _ in 0..<rows {
        try transaction.db.execute(
          sql: "INSERT INTO paper (text) VALUES (randomblob(?))", arguments: [size])
      }
      try transaction.db.execute(
        sql: "DELETE FROM paper WHERE id % 200 = ?", arguments: [victim])
      try transaction.db.execute(
        sql: "UPDATE paper SET text = randomblob(?) WHERE id % 50 = ?",
        arguments: [size / 2, victim % 50])
    }
  }

  /// The file as SQLite itself makes it of copies of the file and its log: the oracle of every restore.
  func folded(_ name: String) throws -> [UInt8] {
    let copy = "\(database.folder)/\(name)"
    for suffix in ["", "-wal"] {
      database.write(name + suffix, contents(database.path + suffix))
    }
    let other = try DatabaseQueue(path: copy)
    try other.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
    try other.close()
    let bytes = contents(copy)
    for suffix in ["", "-wal", "-shm"] { unlink(copy + suffix) }
    return bytes
  }

  /// The file that the spool gives for a time.
  func restored(_ time: Instant) throws -> [UInt8] {
    let path = "\(spool.path)/\(try PointInTime(spool).write(at: time).name)"
    defer { unlink(path) }
    var bytes: [UInt8] = []
    _ = try ZstdFrame.decompress(path, limit: .max) { bytes += $0 }
    return bytes
  }

  /// Some turns of writing and shipping over several foldings of the log and several bases: the database
  /// of each turn comes back byte by byte.
  @Test(arguments: [1, 2, 3])
  func everyTurnComesBack(_ seed: UInt64) throws {
    var limits = LogShipper.Limits()
    limits.foldFrames = 60
    limits.maximumAge = .seconds(25)
    limits.generations = 100
    let (store, shipper) = try shipped(limits)
    var random = SeededNumbers(seed: seed)
    var images: [(Instant, [UInt8])] = []
    var bases = 0
    for turn in 1...60 {
      for _ in 0..<Int.random(in: 0...3, using: &random) { try write(store, &random) }
      let now = at(Int64(turn))
      if case .began = try shipper.ship(at: now) { bases += 1 }
      images.append((now, try folded("oracle.db")))
    }
    #expect(bases == 3)  // at 1 s, 26 s and 51 s
    for (time, bytes) in images {
      let found = try restored(time)
      let isSame = found == bytes
      // Not the arrays themselves: a failure would print megabytes.
      #expect(isSame, "seed \(seed), \(time)")
    }
    try shipper.close()
    try store.close()
  }

  /// Between two turns it is the turn before.
  @Test func aTimeBetweenIsTheOneBefore() throws {
    let (store, shipper) = try shipped()
    _ = try shipper.ship(at: at(10))
    var random = SeededNumbers(seed: 9)
    try write(store, &random)
    let outcome = try shipper.ship(at: at(20))
    guard case .shipped = outcome else { throw TestFailure("\(outcome)") }
    #expect(try PointInTime(spool).write(at: at(19)).time == at(10))
    #expect(try PointInTime(spool).write(at: at(20)).time == at(20))
    #expect(try PointInTime(spool).spans() == [.init(from: at(10), through: at(20))])
    #expect(fault { try PointInTime(spool).write(at: at(9)) }?.exit == .noInput)
    #expect(try shipper.ship(at: at(21)) == .nothing)
    try shipper.close()
    try store.close()
  }

  /// A shipper that ends, with or without a drain, is gone on with by the next, without a new base.
  @Test(arguments: [true, false])
  func theNextGoesOn(_ isDrained: Bool) throws {
    var (store, shipper) = try shipped()
    var random = SeededNumbers(seed: 4)
    _ = try shipper.ship(at: at(1))
    for turn in 2...6 {
      try write(store, &random)
      _ = try shipper.ship(at: at(Int64(turn)))
      if isDrained { try shipper.drain(at: at(Int64(turn))) }
      try shipper.close()
      try store.close()
      // A command by hand, which neither ships nor folds.
      let hand = try database.open(.readWrite)
      try write(hand, &random)
      try hand.checkpoint()
      try hand.close()
      store = try database.open(.readWrite)
      shipper = try LogShipper(store)
      let outcome = try shipper.ship(at: at(Int64(turn)))
      guard case .shipped = outcome else { throw TestFailure("turn \(turn): \(outcome)") }
      let isSame = try restored(at(Int64(turn))) == folded("oracle.db")
      #expect(isSame)
    }
    #expect(try spool.generations() == [1])
    try shipper.close()
    try store.close()
  }

  /// What somebody else does to the database is noticed, and answered with a new base.
  @Test(arguments: ["checkpoint", "restart", "exchange", "truncated"])
  func whatAnotherProgramDoesIsNoticed(_ deed: String) throws {
    var (store, shipper) = try shipped()
    var random = SeededNumbers(seed: 5)
    try write(store, &random)
    _ = try shipper.ship(at: at(1))
    try write(store, &random)
    _ = try shipper.ship(at: at(2))
    try shipper.close()
    try store.close()
    let other = try DatabaseQueue(path: database.path)
    try other.writeWithoutTransaction { db in
      switch deed {
      case "checkpoint":
        // Folds, and writes on: the log begins anew.
        try db.execute(sql: "INSERT INTO paper (text) VALUES (x'01')")
        _ = try db.checkpoint(.passive)
        try db.execute(sql: "INSERT INTO paper (text) VALUES (x'02')")
      case "restart": _ = try db.checkpoint(.restart)
      case "truncated": _ = try db.checkpoint(.truncate)
      default: break
      }
    }
    try other.close()
    if deed == "exchange" {
      let bytes = contents(database.path)
      unlink(database.path)
      database.write("carillon.db", bytes)
    }
    store = try database.open(.readWrite)
    try write(store, &random)
    shipper = try LogShipper(store)
    let outcome = try shipper.ship(at: at(3))
    guard case .began(generation: 2, _) = outcome else { throw TestFailure("\(outcome)") }
    let isSame = try restored(at(3)) == folded("oracle.db")
    #expect(isSame)
    try shipper.close()
    try store.close()
  }

  /// What is done to the segments of a chain, and what is named.
  @Test(arguments: [
    ("missing", "segment 2 before it is missing"),
    ("swapped", "its first line is not that of a segment of this name"),
    ("foreign", "it does not follow the one before it: it is another log's"),
    ("cut", "it is cut short"), ("flipped", "the file is damaged"),
    ("base", "it is not the base that was written (SHA-256)"),
  ])
  func aChainThatIsNotWholeIsRefused(_ deed: String, _ cause: String) throws {
    func chain(_ database: TestDatabase) throws -> [String] {
      let spool = LogSpool(database: database.path)
      try spool.turn(on: true)
      let store = try database.open()
      try store.connections.write {
        try $0.execute(sql: "CREATE TABLE paper (id INTEGER PRIMARY KEY, text BLOB) STRICT")
      }
      let shipper = try LogShipper(store)
      var random = SeededNumbers(seed: 6)
      for turn in 1...4 {
        try write(store, &random)
        _ = try shipper.ship(at: at(Int64(turn)))
      }
      try shipper.close()
      try store.close()
      return try spool.segments(1).map { "\(spool.folder(1))/\($0.name)" }
    }
    let paths = try chain(database)
    #expect(paths.count == 3)
    func put(_ bytes: [UInt8], _ path: String) {
      database.write(String(path.dropFirst(database.folder.utf8.count + 1)), bytes)
    }
    var bytes = contents(paths[1])
    switch deed {
    case "missing": unlink(paths[1])
    case "swapped":
      put(contents(paths[2]), paths[1])
      put(bytes, paths[2])
    case "foreign":
      // Kept until it is read: it takes its folder along.
      let other = TestDatabase()
      put(contents(try chain(other)[1]), paths[1])
      withExtendedLifetime(other) {}
    case "cut": put(Array(bytes.dropLast(3)), paths[1])
    case "base":
      // Another database, whole in itself.
      let base = "\(spool.folder(1))/base.db.zst"
      let other = TestDatabase()
      _ = try chain(other)
      put(contents(LogSpool(database: other.path).folder(1) + "/base.db.zst"), base)
      withExtendedLifetime(other) {}
    default:
      bytes[bytes.count / 2] ^= 1
      put(bytes, paths[1])
    }
    let found = fault { try PointInTime(spool).write(at: at(4)) }
    #expect(found?.exit == .data)
    #expect(found?.cause.contains(cause) == true, "\(found.debugDescription)")
    // What is before it can be had.
    if deed != "base" { #expect(try PointInTime(spool).write(at: at(2)).time == at(2)) }
  }

  @Test func theSpoolIsBounded() throws {
    var limits = LogShipper.Limits()
    limits.maximumAge = .seconds(1)
    limits.generations = 2
    let (store, shipper) = try shipped(limits)
    for turn in 1...5 { _ = try shipper.ship(at: at(Int64(turn))) }
    #expect(try spool.generations() == [4, 5])
    #expect(try spool.numbers() == [4, 5])
    try shipper.close()
    try store.close()
  }

  /// While the spool is on nobody but the shipper folds: a thousand pages would be folded otherwise.
  @Test func nobodyElseFolds() throws {
    try spool.turn(on: true)
    let store = try database.open()
    try store.connections.write { db in
      try db.execute(sql: "CREATE TABLE paper (x BLOB) STRICT")
      try db.execute(sql: "INSERT INTO paper VALUES (zeroblob(8000000))")
    }
    let size = contents(database.path).count
    let log = contents(database.path + "-wal").count
    #expect(log > 8_000_000)
    try store.checkpoint()
    try store.close()
    #expect(contents(database.path).count == size)
    #expect(contents(database.path + "-wal").count == log)
    try spool.turn(on: false)
    try database.open(.readWrite).close()
    #expect(database.names(in: database.folder).contains("carillon.db-wal") == false)
    #expect(contents(database.path).count > 8_000_000)
  }
}

import Disk
import Domain
import Glibc
import Store
import Testing

@testable import Service

/// A halt by the file beside the database and by its row: either is enough.
@Suite struct BrakeTests {
  let folder: ServiceFolder
  let brake: Brake
  let now = ServiceFolder.start

  init() throws {
    folder = try ServiceFolder()
    brake = Brake(database: folder.database)
  }

  /// What the gate asks.
  private func halt() throws -> Halt? {
    let store = try Store.open(folder.database, mode: .readOnly)
    defer { do { try store.close() } catch { Issue.record(error) } }
    return try store.read { try $0.halts.current() }
  }

  @Test func itHaltsByBothAndIsReleasedOfBoth() throws {
    #expect(try halt() == nil)
    #expect(brake.halt(because: "prices wrong", at: now) == .init(file: .begun, record: .begun))
    #expect(TextFile.contents(brake.file.path) == "prices wrong\n")
    #expect(try halt()?.source == "cli")
    // Asked again, it is told what is in force; the first reason stays.
    let again = brake.halt(because: "me too", at: now + .seconds(1))
    guard case .alreadyHalted(let before) = again.record else {
      Issue.record("it was halted")
      return
    }
    #expect(before.reason == "prices wrong")
    #expect(TextFile.contents(brake.file.path) == "prices wrong\n")
    #expect(try brake.release(because: "checked", at: now + .seconds(2))?.reason == "prices wrong")
    #expect(try halt() == nil)
    #expect(brake.file.halt == nil)
    #expect(try brake.release(because: "checked", at: now + .seconds(3)) == nil)
  }

  /// `touch carillon.db.halt`, by whoever can reach nothing but the folder.
  @Test(arguments: ["", "\n", "power is out\nmore"]) func theFileAloneHalts(text: String) throws {
    try NewFile.write(text, to: brake.file.path)
    let halt = try #require(try halt())
    #expect(halt.source == "halt file")
    #expect(
      halt.reason
        == (text.hasPrefix("power") ? "power is out" : "the file \(brake.file.path) is there"))
    #expect(try brake.release(because: "it is back", at: now) != nil)
    #expect(try self.halt() == nil)
  }

  /// The row alone, as of a failure that halts.
  @Test func theRowAloneHalts() throws {
    let store = try Store.open(folder.database, mode: .readWrite)
    try store.write(at: now) { try $0.halts.begin(.noNew, reason: "drift", source: "risk") }
    try store.close()
    #expect(try halt()?.reason == "drift")
    #expect(try brake.release(because: "seen", at: now) != nil)
    #expect(try halt() == nil)
  }

  @Test func aDamagedDatabaseIsHaltedByTheFile() throws {
    try NewFile.write("this is not a database, and never will be one", to: folder.database)
    let report = brake.halt(because: "what is this", at: now)
    #expect(report.file == .begun)
    #expect(report.isHalted)
    guard case .failed(let fault) = report.record else {
      Issue.record("nothing can be put on record")
      return
    }
    #expect(fault.exit == .data)
    // What cannot be released says so, and stays halted.
    #expect(throws: Fault.self) { try brake.release(because: "x", at: now) }
    #expect(brake.file.halt?.reason == "what is this")
  }

  @Test func whereTheFileCannotBeMadeTheRowHalts() throws {
    // A folder in its place cannot be written, and counts as a halt itself; so one that cannot be
    // told of: the database's folder is the only place.
    #expect(mkdir(brake.file.path, 0o755) == 0)
    defer { rmdir(brake.file.path) }
    #expect(brake.file.halt != nil)
    #expect(brake.halt(because: "x", at: now).isHalted)
    // And it is not removed as if it were ours: trading stays halted, loudly.
    #expect(throws: Fault.self) { try brake.release(because: "x", at: now) }
    #expect(try halt() != nil)
  }
}

import Domain
import GRDB
import Glibc
import Testing

@testable import Store

/// A database in a directory of its own, removed when the test is done.
final class TestDatabase: Sendable {
  let folder: String
  let path: String

  init() {
    var template = Array("/tmp/carillon-store-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("mkdtemp failed: \(errno)") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    path = folder + "/carillon.db"
  }

  deinit { remove(folder) }

  func open(_ mode: Store.Mode = .create) throws -> Store { try Store.open(path, mode: mode) }

  func open(busyTimeoutSeconds: Double) throws -> Store {
    try Store.open(path, mode: .create, busyTimeoutSeconds: busyTimeoutSeconds)
  }

  func lock() throws -> ProcessLock {
    try ProcessLock.acquire(beside: path, purpose: "test", now: .epoch)
  }

  /// Removes a directory and all in it, without following links.
  private func remove(_ path: String) {
    for name in names(in: path) {
      let child = "\(path)/\(name)"
      if unlink(child) != 0 { remove(child) }
    }
    rmdir(path)
  }

  func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Writes a file beside the database and returns its path.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) -> String {
    let path = "\(folder)/\(name)"
    guard let file = fopen(path, "w") else { preconditionFailure("fopen \(path): \(errno)") }
    defer { fclose(file) }
    precondition(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    return path
  }
}

/// Every row of every table of a database, as text.
func everyRow(of path: String) throws -> [String] {
  var configuration = Configuration()
  configuration.readonly = true
  let database = try DatabaseQueue(path: path, configuration: configuration)
  return try database.read { db in
    var lines: [String] = []
    for table in try String.fetchAll(
      db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    {
      for row in try Row.fetchAll(db, sql: "SELECT * FROM \(table.quotedDatabaseIdentifier)") {
        lines.append("\(table) \(row)")
      }
    }
    return lines
  }
}

/// Reads all of a file.
func contents(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
}

/// The fault that a body throws; nil, and a failure of the test, when it throws none.
func fault<T>(
  _ body: () throws -> T, sourceLocation: Testing.SourceLocation = #_sourceLocation
) -> Fault? {
  do {
    _ = try body()
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    return nil
  } catch let fault as Fault {
    return fault
  } catch {
    Issue.record("not a fault: \(error)", sourceLocation: sourceLocation)
    return nil
  }
}

func job(_ name: String) -> JobName {
  guard let job = JobName(name) else { preconditionFailure("\(name) is no name of a job") }
  return job
}

func at(_ seconds: Int64) -> Instant { Instant(seconds: seconds) }

func slot(_ name: String, _ seconds: Int64) -> Slot { Slot(job: job(name), time: at(seconds)) }

func firing(
  _ name: String, _ seconds: Int64, trigger: Domain.Trigger = .cron, group: String? = nil,
  retries: Int = 1, latest: Int64? = nil, followers: [Follower] = []
) -> Firing {
  Firing(
    slot: slot(name, seconds), trigger: trigger,
    policy: JobPolicy(kind: .fetch, retry: RetryPolicy(max: retries), group: group),
    latestStart: latest.map(at), followers: followers)
}

import Disk
import Domain
import Glibc

/// What tells, where there is no database or an empty one, that there was one: to begin anew would be
/// to forget a portfolio without a word.
///
/// A process that was killed in its very first start leaves none of it: neither an empty file, nor a
/// folder of locks, nor the journal of an empty database.
struct DatabaseRemains {
  private let file: DatabaseFile
  private var path: String { file.path }
  private var mark: String { LockFolder(database: path).mark }
  private var snapshots: String { FilePath.sibling(of: path, named: "snapshots") }

  init(of file: DatabaseFile) { self.file = file }

  /// Refuses to begin a database where one was.
  ///
  /// - Throws: exit 77 where something tells that there was one; 66 where there is none to open.
  func check(for mode: Store.Mode) throws(Fault) {
    var status = stat()
    let exists = stat(path, &status) == 0
    guard !exists || status.st_size == 0 else { return }
    let state = exists ? "it is empty" : "it is gone"
    if let log = ["-wal", "-journal"].map({ path + $0 }).first(where: Self.holdsCommits) {
      throw refused(
        "\(state), but its log \(log) is there",
        "put back the file that belongs to the log, or the newest snapshot: "
          + "carillon snapshot restore --force (it keeps the log); to begin anew: mv \(log) \(log).old"
      )
    }
    if let newest = try newestSnapshot() {
      throw refused(
        "\(state), but there are snapshots of it in \(snapshots) (\(newest))",
        "carillon snapshot restore\(exists ? " --force" : ""); to begin anew: "
          + "mv \(snapshots) \(snapshots).old" + (hasMark ? " && rm \(mark)" : ""))
    }
    if hasMark {
      throw refused(
        "\(state), but there was a database here (\(mark))",
        "put it back; to begin anew: rm \(mark)")
    }
    guard mode.creates else {
      throw Fault(
        "open the database", path, cause: "it is empty",
        remedy: "carillon run makes it, and so does carillon job run fetch", exit: .noInput)
    }
  }

  /// Notes that there is a database. That the file is there is the note, whatever is in it: so it is made under
  /// its own name, and processes that start at the same time do not take a draft's name from each other.
  func leaveMark() throws(Fault) {
    guard !hasMark else { return }
    try LockFolder(database: path).make()
    guard let file = try LockFile(opening: mark, create: true) else {
      preconditionFailure("a file that is to be made is made, or opening it throws")
    }
    file.write(
      "\(FilePath.name(of: path)) was made; while this file is here, it is not made anew\n")
    try Folder.sync(FilePath.folder(of: mark))
  }

  private var hasMark: Bool { access(mark, F_OK) == 0 }

  /// Whether a log may hold what a database must not lose. The journal of a database that was empty
  /// restores an empty one; its header tells (https://sqlite.org/fileformat.html, 4.1: the size of
  /// the database in pages stands at byte 16).
  private static func holdsCommits(_ log: String) -> Bool {
    let bytes: [UInt8]
    do {
      var buffer = [UInt8](repeating: 0, count: 20)
      let count = try InputFile(log).read(into: &buffer)
      bytes = Array(buffer[..<count])
    } catch {
      return access(log, F_OK) == 0  // what cannot be read may hold anything
    }
    if bytes.isEmpty { return false }
    return log.hasSuffix("-wal") || bytes.count < 20 || bytes[16..<20].contains { $0 != 0 }
  }

  private func newestSnapshot() throws(Fault) -> SnapshotID? {
    guard let names = try Folder.namesIfAny(in: snapshots) else { return nil }
    return names.compactMap { name in
      let stem = name.hasSuffix(".json") ? name.dropLast(5) : name.dropLast(7)
      guard let id = SnapshotID(stem) else { return nil }
      return [".json", ".db.zst", SnapshotDelta.suffix].contains { name == "\(id)\($0)" } ? id : nil
    }.max()
  }

  private func refused(_ cause: String, _ remedy: String) -> Fault {
    Fault("open the database", path, cause: cause, remedy: remedy, exit: .refused)
  }
}

import CLinux
import Disk
import Domain
import Glibc

/// The folder of a database's process locks: `carillon.db.locks`.
struct LockFolder {
  var path: String

  static let temporarySuffix = ".new"

  init(database: String) { path = FilePath.target(of: database) + ".locks" }

  func file(of holder: HolderID) -> String { "\(path)/\(holder)" }

  /// The file that tells that there was a database, should it be gone.
  var mark: String { "\(path)/made" }

  func make() throws(Fault) {
    if mkdir(path, 0o755) != 0, errno != EEXIST {
      throw LockFile.fault("make the folder of locks", path, errno)
    }
  }

  /// The file that all living processes share and a restore holds alone.
  func openGate() throws(Fault) -> LockFile {
    guard let gate = try LockFile(opening: "\(path)/gate", create: true) else {
      preconditionFailure("a file that is to be made is made, or opening it throws")
    }
    return gate
  }

  /// What the living processes say of themselves, for people.
  func holders() -> [String] {
    files().compactMap { name in
      guard HolderID(name) != nil else { return nil }
      do {
        guard let file = try LockFile(opening: "\(path)/\(name)", create: false) else { return nil }
        return file.take(shared: true) ? nil : file.firstLine()
      } catch {
        return "a process of another user"
      }
    }.sorted()
  }

  /// Removes what dead processes left. Best effort: what cannot be removed does no harm, since a
  /// file that nobody has locked counts as dead.
  func sweep() {
    for name in files() {
      let stem =
        name.hasSuffix(Self.temporarySuffix)
        ? String(name.dropLast(Self.temporarySuffix.count)) : name
      guard HolderID(stem) != nil else { continue }
      let file = "\(path)/\(name)"
      do {
        if let lock = try LockFile(opening: file, create: false), lock.take(shared: true) {
          unlink(file)
        }
      } catch {
        continue  // another user's file, or gone meanwhile
      }
    }
  }

  /// What cannot be listed has no locks that could be told of.
  private func files() -> [String] {
    do { return try Folder.namesIfAny(in: path) ?? [] } catch { return [] }
  }
}

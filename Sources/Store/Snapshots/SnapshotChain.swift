import Cryptography
import Disk
public import Domain

extension SnapshotFolder {
  /// A snapshot with all that it is restored with: the whole one first, itself last.
  ///
  /// - Throws: exit 65 when a link is missing, damaged, or another than it was made from; each by name.
  public func chain(of snapshot: Snapshot) throws(Fault) -> [Snapshot] {
    var chain = [snapshot]
    while let parent = chain[0].parent {
      let child = chain[0]
      guard parent < child.id, chain.count <= Self.longestChain else {
        throw Self.unlike("\(snapshot.id)", "its chain does not end at a whole snapshot")
      }
      let link: Snapshot
      do {
        link = try self.snapshot(parent)
      } catch let fault where fault.exit == .noInput {
        throw Self.unlike(
          "\(snapshot.id)", "\(parent), which \(child.id) is a difference to, is missing")
      }
      guard link.databaseSHA256 == child.parentSHA256 else {
        throw Self.unlike(
          "\(snapshot.id)",
          "\(parent) is not the snapshot that \(child.id) is a difference to: it was swapped, or is of "
            + "another history")
      }
      chain.insert(link, at: 0)
    }
    return chain
  }

  /// More links than any policy makes.
  static let longestChain = 1000

  /// Puts a chain's database together, and compares the hashes: of each file, and of the result.
  func unpack(
    _ snapshot: Snapshot, into file: borrowing NewFile, checkpoint: () throws -> Void = {}
  ) throws {
    let chain = try chain(of: snapshot)
    guard chain.count > 1 else {
      return try unpackWhole(snapshot, into: file, checkpoint: checkpoint)
    }
    let found: String
    if let pageBytes = snapshot.pageBytes {
      var hashes = PageHashes(pageBytes: pageBytes, room: Int(snapshot.rawSizeBytes) / pageBytes)
      try unpackFrame(of: chain[0], into: file, checkpoint) { hashes.add($0) }
      guard hashes.isWhole else {
        throw Self.unlike(frame(chain[0]), "it ends in the middle of a page")
      }
      for link in chain.dropFirst() {
        try apply(link, to: file, checkpoint) { header, number, page in
          guard header.pageBytes == pageBytes else {
            throw Self.unlike(frame(link), "its pages are of another size")
          }
          hashes.take(Int(number), page)
        }
        hashes.cut(to: Int(link.rawSizeBytes) / pageBytes)
      }
      found = hashes.ofDatabase
    } else {
      // From before databases were told by their pages.
      try unpackWhole(chain[0], into: file, checkpoint: checkpoint)
      for link in chain.dropFirst() {
        try apply(link, to: file, checkpoint) { _, _, _ in }
      }
      found = try sha256(of: file.temporary, checkpoint)
    }
    guard found == snapshot.databaseSHA256 else {
      throw Self.unlike(
        frame(snapshot), "with its chain it does not give the database that was written (SHA-256)")
    }
  }

  /// Writes the pages of a difference over the database that it is a difference to.
  private func apply(
    _ link: Snapshot, to file: borrowing NewFile, _ checkpoint: () throws -> Void,
    take: (SnapshotDelta.Header, UInt32, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let path = frame(link)
    var unflushed = 0
    let (header, sums) = try SnapshotDelta.read(path, of: link, checkpoint: checkpoint) {
      header, number, page in
      try take(header, number, page)
      try file.write(page, at: (Int64(number) - 1) * Int64(header.pageBytes))
      unflushed += page.count
      guard unflushed >= ZstdFrame.bytesPerFlush else { return }
      unflushed = 0
      try file.flush()
    }
    guard sums.sha256 == link.sha256, sums.size == link.sizeBytes else {
      throw Self.unlike(path, "it is not the file that was written (its SHA-256 differs)")
    }
    try file.truncate(to: Int64(header.pages) * Int64(header.pageBytes))
  }

  private func sha256(of path: String, _ checkpoint: () throws -> Void) throws -> String {
    let input = try InputFile(path)
    let hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      try checkpoint()
      let count = try input.read(into: &buffer)
      guard count > 0 else { return hash.hexadecimal() }
      buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }
}

extension SnapshotArchive {
  /// When a snapshot is written as a difference to the one before.
  public struct ChainPolicy: Hashable, Sendable {
    /// So many differences follow a whole snapshot at most; 0: each is whole.
    public var deltas: Int

    /// The most that may be asked for.
    public static let longest = 24
    /// All differences of a chain together are no larger than this part of the whole one's file.
    static let sharePercent: Int64 = 25

    /// A policy of so many.
    public init(deltas: Int) { self.deltas = deltas }
  }
}

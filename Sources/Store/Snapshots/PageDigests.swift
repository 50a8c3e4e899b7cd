import Cryptography
import Disk
import Domain
import Glibc

/// The hash of each page of a snapshot's database, kept beside the newest snapshot alone: what the next
/// one is compared with, so that only pages that differ are written.
///
/// Half a SHA-256 is enough to tell pages apart; that what is put together from them is the database, its
/// own SHA-256 says.
struct PageDigests {
  /// Of which snapshot.
  var snapshot: SnapshotID
  /// The hash of the database in it.
  var rawSHA256: String
  /// The size of a page, in bytes.
  var pageBytes: Int
  /// The hashes, sixteen bytes each.
  var digests: [UInt8]

  static let digestBytes = 16
  static let format = "carillon.pages/1"
  static let suffix = ".pages"
  private static let maximumLineBytes = 1024

  /// How many pages there are.
  var count: Int { digests.count / Self.digestBytes }

  /// An empty list with room for the hashes of so many pages.
  static func room(for pages: Int64) -> [UInt8] {
    var digests: [UInt8] = []
    digests.reserveCapacity(Int(pages) * digestBytes)
    return digests
  }

  /// Adds the hash of a page to a list, and begins the hash anew for the next.
  static func add(_ page: UnsafeRawBufferPointer, by hash: SHA256, to digests: inout [UInt8]) {
    hash.update(page)
    withUnsafeTemporaryAllocation(byteCount: SHA256.byteCount, alignment: 1) { room in
      hash.finalize(into: room)
      digests.append(contentsOf: room[..<digestBytes])
    }
  }

  /// Whether a page of this index, from 0, is as it was.
  func holds(_ digest: ArraySlice<UInt8>, at index: Int) -> Bool {
    let start = index * Self.digestBytes
    guard start + Self.digestBytes <= digests.count else { return false }
    return digests[start..<(start + Self.digestBytes)].elementsEqual(digest)
  }

  func write(in folder: SnapshotFolder) throws(Fault) {
    var file = try NewFile("\(folder.path)/\(snapshot)\(Self.suffix)")
    try file.write(Array(line.utf8))
    try file.write(digests)
    try file.commit()
  }

  private var line: String {
    JSONValue.object([
      .init("schema", .string(Self.format)), .init("snapshot", .string("\(snapshot)")),
      .init("raw_sha256", .string(rawSHA256)), .init("page_bytes", .number(pageBytes)),
      .init("sha256", .string(SHA256.hexadecimal(digests))),
    ]).text() + "\n"
  }

  /// Reads those of a snapshot; nil where there are none, or they are not whole, or of another: then the
  /// next snapshot is a whole one.
  static func read(of snapshot: Snapshot, in folder: SnapshotFolder) throws(Fault) -> PageDigests? {
    let path = "\(folder.path)/\(snapshot.id)\(suffix)"
    guard access(path, F_OK) == 0 else { return nil }
    let limit = Int(snapshot.rawSizeBytes / 512) * digestBytes + maximumLineBytes
    guard try InputFile(path).size() <= Int64(limit) else { return nil }
    let bytes = try InputFile.contents(path, limit: limit)
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let value: JSONValue
    do { value = try JSONValue.parse(Array(bytes[..<end]), limits: JSONValue.Limits()) } catch {
      return nil
    }
    let digests = Array(bytes[(end + 1)...])
    guard value["schema"]?.string == format, value["snapshot"]?.string == "\(snapshot.id)",
      value["raw_sha256"]?.string == snapshot.rawSHA256, let pageBytes = value["page_bytes"]?.int,
      SnapshotDelta.pageSizes.contains(pageBytes),
      value["sha256"]?.string == SHA256.hexadecimal(digests),
      Int64(digests.count / digestBytes) * Int64(pageBytes) == snapshot.rawSizeBytes
    else { return nil }
    return PageDigests(
      snapshot: snapshot.id, rawSHA256: snapshot.rawSHA256, pageBytes: pageBytes, digests: digests)
  }
}

import Cryptography
import Disk
import Domain
import Glibc

/// What the next snapshot is compared with, so that only pages that differ are written: the hashes of the
/// pages of the newest one, and a mark of each block of them, kept beside it alone.
///
/// A mark costs a fifth of the hashes of its pages, and tells as surely that nothing changed
/// (`KeyedMark`); only the pages of a block that has another are hashed. The hashes are those that the
/// description tells the database by; so a file of them that is not this snapshot's is found out.
struct PageDigests {
  /// Of which snapshot.
  var snapshot: SnapshotID
  /// The hash of each page.
  var hashes: PageHashes
  /// What the marks are made under; drawn for each whole snapshot.
  var key: [UInt8]
  /// The mark of each block, sixteen bytes.
  var marks: [UInt8]

  /// The size of a block, in bytes: of whole pages, whatever their size.
  static let blockBytes = 1 << 16
  static let format = "carillon.pages/2"
  static let suffix = ".pages"
  private static let maximumLineBytes = 1024

  /// Whether a block of this index, from 0, has this mark.
  func holds(_ mark: ArraySlice<UInt8>, at index: Int) -> Bool {
    let start = index * KeyedMark.byteCount
    guard start + KeyedMark.byteCount <= marks.count else { return false }
    return marks[start..<(start + KeyedMark.byteCount)].elementsEqual(mark)
  }

  func write(in folder: SnapshotFolder) throws(Fault) {
    var file = try NewFile("\(folder.path)/\(snapshot)\(Self.suffix)")
    try file.write(Array(line.utf8))
    try file.write(marks)
    try file.write(hashes.bytes)
    try file.commit()
  }

  private var line: String {
    JSONValue.object([
      .init("schema", .string(Self.format)), .init("snapshot", .string("\(snapshot)")),
      .init("page_bytes", .number(hashes.pageBytes)), .init("key", .string(Base64.text(key))),
      .init("marks_sha256", .string(SHA256.hexadecimal(marks))),
    ]).text() + "\n"
  }

  /// Reads those of a snapshot; nil where there are none, or they are not whole, or of another: then the
  /// next snapshot is a whole one.
  static func read(of snapshot: Snapshot, in folder: SnapshotFolder) throws(Fault) -> PageDigests? {
    let path = "\(folder.path)/\(snapshot.id)\(suffix)"
    guard access(path, F_OK) == 0, let pageBytes = snapshot.pageBytes else { return nil }
    let pages = Int(snapshot.rawSizeBytes) / pageBytes
    let blocks = (Int(snapshot.rawSizeBytes) + blockBytes - 1) / blockBytes
    let size = blocks * KeyedMark.byteCount + pages * SHA256.byteCount
    guard try InputFile(path).size() <= Int64(size + maximumLineBytes) else { return nil }
    let bytes = try InputFile.contents(path, limit: size + maximumLineBytes)
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")), bytes.count - end - 1 == size else {
      return nil
    }
    let value: JSONValue
    do { value = try JSONValue.parse(Array(bytes[..<end]), limits: JSONValue.Limits()) } catch {
      return nil
    }
    let marks = Array(bytes[(end + 1)...].prefix(blocks * KeyedMark.byteCount))
    var hashes = PageHashes(pageBytes: pageBytes, room: pages)
    hashes.add(hashes: bytes[(end + 1 + marks.count)...])
    guard value["schema"]?.string == format, value["snapshot"]?.string == "\(snapshot.id)",
      value["page_bytes"]?.int == pageBytes,
      let key = value["key"]?.string.flatMap({ Base64.bytes($0) }),
      key.count == KeyedMark.keyByteCount,
      value["marks_sha256"]?.string == SHA256.hexadecimal(marks),
      hashes.ofDatabase == snapshot.pagesSHA256
    else { return nil }
    return PageDigests(snapshot: snapshot.id, hashes: hashes, key: key, marks: marks)
  }
}

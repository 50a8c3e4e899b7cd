import Domain

/// A snapshot as the pages that differ from its parent's: one zstd frame, of a line of JSON
/// (`carillon.delta/1`: page size, number of pages of the database, hash of the parent's database), then
/// for each page its number, four bytes, big-endian, and the page; in ascending order.
enum SnapshotDelta {
  static let format = "carillon.delta/1"
  static let suffix = ".delta.zst"
  /// Longer than any first line.
  static let maximumLineBytes = 1024
  /// What SQLite allows as sizes of pages.
  static let pageSizes = 512...65_536

  /// The first line.
  struct Header: Hashable {
    var pageBytes: Int
    var pages: Int
    var parentSHA256: String

    var line: [UInt8] {
      Array(
        (JSONValue.object([
          .init("schema", .string(SnapshotDelta.format)), .init("page_bytes", .number(pageBytes)),
          .init("pages", .number(pages)), .init("parent_sha256", .string(parentSHA256)),
        ]).text() + "\n").utf8)
    }

    init(pageBytes: Int, pages: Int, parentSHA256: String) {
      (self.pageBytes, self.pages, self.parentSHA256) = (pageBytes, pages, parentSHA256)
    }

    init?(line: [UInt8]) {
      let value: JSONValue
      do { value = try JSONValue.parse(line, limits: JSONValue.Limits()) } catch { return nil }
      guard value["schema"]?.string == SnapshotDelta.format, let size = value["page_bytes"]?.int,
        SnapshotDelta.pageSizes.contains(size), let pages = value["pages"]?.int, pages > 0,
        let parent = value["parent_sha256"]?.string
      else { return nil }
      self.init(pageBytes: size, pages: pages, parentSHA256: parent)
    }
  }

  /// Reads a delta, and hands its pages over.
  ///
  /// - Throws: exit 65 when it is damaged, or does not follow the parent.
  static func read(
    _ path: String, of snapshot: Snapshot, checkpoint: () throws -> Void,
    take: (Header, UInt32, UnsafeRawBufferPointer) throws -> Void
  ) throws -> (header: Header, frame: ZstdFrame.FrameSum) {
    var header: Header?
    var (pending, last) = ([UInt8](), UInt32(0))
    let limit = snapshot.rawSizeBytes + snapshot.rawSizeBytes / 128 + Int64(maximumLineBytes)
    let frame = try ZstdFrame.unpack(path, limit: limit) { part in
      try checkpoint()
      pending += part
      if header == nil {
        guard let end = pending.prefix(maximumLineBytes).firstIndex(of: UInt8(ascii: "\n")) else {
          guard pending.count <= maximumLineBytes else {
            throw SnapshotFolder.unlike(path, "it does not begin as a difference")
          }
          return
        }
        header = Header(line: Array(pending[..<end]))
        pending.removeFirst(end + 1)
      }
      guard let header else {
        throw SnapshotFolder.unlike(path, "it does not begin as a difference")
      }
      guard header.parentSHA256 == snapshot.parentSHA256,
        Int64(header.pages) * Int64(header.pageBytes) == snapshot.rawSizeBytes
      else { throw SnapshotFolder.unlike(path, "it is a difference to another database") }
      let size = 4 + header.pageBytes
      var used = 0
      try pending.withUnsafeBytes { bytes in
        while bytes.count - used >= size {
          let number = UInt32(
            bigEndian: bytes.loadUnaligned(fromByteOffset: used, as: UInt32.self))
          guard number > last, Int(number) <= header.pages else {
            throw SnapshotFolder.unlike(path, "its pages are not in order")
          }
          last = number
          try take(
            header, number, UnsafeRawBufferPointer(rebasing: bytes[(used + 4)..<(used + size)]))
          used += size
        }
      }
      pending.removeFirst(used)
    }
    guard let header, pending.isEmpty else {
      throw SnapshotFolder.unlike(path, "it ends in the middle of a page")
    }
    return (header, frame)
  }
}

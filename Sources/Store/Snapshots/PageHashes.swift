import Cryptography

/// The SHA-256 of each page of a database, from the first; and the database's own, which is that of all of
/// these: so that where some pages change only they are hashed anew.
struct PageHashes {
  /// The size of a page, in bytes.
  let pageBytes: Int
  /// 32 bytes for each page.
  private(set) var bytes: [UInt8] = []
  private let hash = SHA256()
  /// So much of a page was added that is not all there yet.
  private var begun = 0

  /// - Parameter pages: how many are expected, so that there is room.
  init(pageBytes: Int, room pages: Int) {
    self.pageBytes = pageBytes
    bytes.reserveCapacity(pages * SHA256.byteCount)
  }

  /// How many pages there are.
  var count: Int { bytes.count / SHA256.byteCount }

  /// Whether the last page is all there.
  var isWhole: Bool { begun == 0 }

  /// The hash of the database, in hexadecimal.
  var ofDatabase: String { SHA256.hexadecimal(bytes) }

  /// The hashes of pages, by their indices, from 0.
  func pages(_ indices: Range<Int>) -> ArraySlice<UInt8> {
    bytes[(indices.lowerBound * SHA256.byteCount)..<(indices.upperBound * SHA256.byteCount)]
  }

  /// Adds what follows, wherever pages begin and end in it.
  mutating func add(_ content: UnsafeRawBufferPointer) {
    var rest = content[...]
    while !rest.isEmpty {
      let part = rest.prefix(pageBytes - begun)
      hash.update(UnsafeRawBufferPointer(rebasing: part))
      begun += part.count
      rest = rest.dropFirst(part.count)
      guard begun == pageBytes else { return }
      begun = 0
      withUnsafeTemporaryAllocation(byteCount: SHA256.byteCount, alignment: 1) { room in
        hash.finalize(into: room)
        bytes.append(contentsOf: room)
      }
    }
  }

  /// Adds pages that were hashed elsewhere.
  mutating func add(hashes: ArraySlice<UInt8>) {
    precondition(isWhole && hashes.count % SHA256.byteCount == 0)
    bytes += hashes
  }

  /// Takes a page of a number, from 1, instead of the one that was there, or behind the last.
  mutating func take(_ number: Int, _ page: UnsafeRawBufferPointer) {
    precondition(isWhole && page.count == pageBytes)
    let start = (number - 1) * SHA256.byteCount
    if start >= bytes.count {
      // No page has a hash of zeros: one that is left out on the way shows in the database's.
      bytes += [UInt8](repeating: 0, count: start + SHA256.byteCount - bytes.count)
    }
    hash.update(page)
    let hash = hash
    bytes.withUnsafeMutableBytes {
      hash.finalize(
        into: UnsafeMutableRawBufferPointer(rebasing: $0[start..<(start + SHA256.byteCount)]))
    }
  }

  /// Cuts the database to so many pages.
  mutating func cut(to pages: Int) {
    if pages < count { bytes.removeLast((count - pages) * SHA256.byteCount) }
  }
}

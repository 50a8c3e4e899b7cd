import Cryptography

/// A database that is read page by page, held against the snapshot before: block by block by their marks, and
/// page by page by their hashes where a block is not as it was.
struct PageComparison {
  private let parent: PageDigests?
  private let key: [UInt8]
  private let mark: KeyedMark
  private var hashes: PageHashes
  private var marks: [UInt8] = []

  /// - Parameters:
  ///   - parent: what it is held against; nil: every page is new, and marks are made under a new key.
  ///   - pages: how many there will be.
  init(with parent: PageDigests?, pageBytes: Int, pages: Int64) {
    self.parent = parent
    key = parent?.key ?? RandomBytes.make(KeyedMark.keyByteCount)
    mark = KeyedMark(key: key)
    hashes = PageHashes(pageBytes: pageBytes, room: Int(pages))
  }

  /// Adds a piece: of whole blocks, unless it is the last.
  ///
  /// - Parameter take: takes the number, from 1, of each page that differs from the parent's, and the page.
  mutating func add(
    _ piece: UnsafeRawBufferPointer, take: (UInt32, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var rest = piece[...]
    while !rest.isEmpty {
      let block = rest.prefix(PageDigests.blockBytes)
      try add(block: UnsafeRawBufferPointer(rebasing: block), take)
      rest = rest.dropFirst(block.count)
    }
  }

  private mutating func add(
    block: UnsafeRawBufferPointer, _ take: (UInt32, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let (start, first) = (marks.count, hashes.count)
    let pages = first..<(first + block.count / hashes.pageBytes)
    mark.add(block, to: &marks)
    if let parent, parent.hashes.count >= pages.upperBound,
      parent.holds(marks[start...], at: start / KeyedMark.byteCount)
    {
      return hashes.add(hashes: parent.hashes.pages(pages))
    }
    hashes.add(block)
    for index in pages {
      let page = index..<(index + 1)
      if let parent, index < parent.hashes.count,
        parent.hashes.pages(page).elementsEqual(hashes.pages(page))
      {
        continue
      }
      let offset = (index - first) * hashes.pageBytes
      try take(
        UInt32(index + 1),
        UnsafeRawBufferPointer(rebasing: block[offset..<(offset + hashes.pageBytes)]))
    }
  }

  /// The hash of the database, in hexadecimal.
  var ofDatabase: String { hashes.ofDatabase }

  /// What the next snapshot is compared with.
  func digests(of snapshot: SnapshotID) -> PageDigests {
    PageDigests(snapshot: snapshot, hashes: hashes, key: key, marks: marks)
  }
}

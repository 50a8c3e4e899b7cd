import Cryptography
import Testing

@testable import Store

/// Which pages of a database are not as they were.
@Suite struct PageComparisonTests {
  /// What a difference writes is what differs, whatever the blocks are: pages of each kind of place, against a
  /// comparison byte by byte.
  @Test(arguments: [512, 4096, 65_536])
  func whatDiffers(_ pageBytes: Int) throws {
    // Three blocks and some pages of another; what stands there does not matter.
    let pages = 3 * 65_536 / pageBytes + min(5, 65_536 / pageBytes)
    var old = (0..<(pages * pageBytes)).map { UInt8(truncatingIfNeeded: $0 / 7) }
    func compare(
      _ database: [UInt8], with parent: PageDigests?
    ) throws -> (PageDigests, String, [UInt32]) {
      var comparison = PageComparison(with: parent, pageBytes: pageBytes, pages: 0)
      var numbers: [UInt32] = []
      try database.withUnsafeBytes {
        try comparison.add($0) { number, page in
          numbers.append(number)
          let start = (Int(number) - 1) * pageBytes
          #expect(page.elementsEqual(database[start..<(start + pageBytes)]))
        }
      }
      return (comparison.digests(of: SnapshotID(number: 1)), comparison.ofDatabase, numbers)
    }
    func pagesHash(_ database: [UInt8]) -> String {
      SHA256.hexadecimal(
        stride(from: 0, to: database.count, by: pageBytes).flatMap {
          SHA256.hash(database[$0..<($0 + pageBytes)])
        })
    }
    var (digests, hash, numbers) = try compare(old, with: nil)
    #expect(hash == pagesHash(old) && numbers == (1...UInt32(pages)).map { $0 })
    (digests, hash, numbers) = try compare(old, with: digests)
    #expect(hash == pagesHash(old) && numbers.isEmpty)
    for changed in [[0], [pages - 1], [1, pages / 2], Array(0..<pages)] {
      for index in changed { old[index * pageBytes + 17 * index % pageBytes] ^= 0x40 }
      (digests, hash, numbers) = try compare(old, with: digests)
      #expect(hash == pagesHash(old) && numbers == changed.map { UInt32($0 + 1) })
    }
    // Shorter by a page, longer by two.
    old.removeLast(pageBytes)
    (digests, hash, numbers) = try compare(old, with: digests)
    #expect(hash == pagesHash(old) && numbers.isEmpty)
    old += [UInt8](repeating: 9, count: 2 * pageBytes)
    (digests, hash, numbers) = try compare(old, with: digests)
    #expect(hash == pagesHash(old) && numbers == [UInt32(pages), UInt32(pages + 1)])
  }
}

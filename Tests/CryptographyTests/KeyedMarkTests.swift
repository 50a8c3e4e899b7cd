import Cryptography
import Testing

/// The first is test case 1 of "The Galois/Counter Mode of Operation" (McGrew and Viega, 2005); the others are by
/// an implementation of GHASH bit by bit (NIST SP 800-38D, algorithms 1 and 2) in Python, with AES by
/// `openssl enc -aes-128-ecb`, of the key 00 01 .. 0f.
@Suite struct KeyedMarkTests {
  private static let key = (0..<16).map { UInt8($0) }

  @Test(arguments: [
    ([UInt8](repeating: 0, count: 16), [], "58e2fccefa7e3061367f1d57a4e7455a"),
    (key, Array("abc".utf8), "71c97e7265176abb1ea435384743293d"),
    (key, Array("abcdefghijklmnopq".utf8), "f3c45314ac16b51064c6733115c8fe44"),
    (key, [UInt8](repeating: 0, count: 65_536), "6bdfd244ab7ffe0dfa03c516ddd2d9f2"),
  ])
  func published(_ key: [UInt8], _ piece: [UInt8], _ mark: String) {
    var marks: [UInt8] = []
    let maker = KeyedMark(key: key)
    // Twice: one does not leave anything to the next.
    for _ in 0..<2 { piece.withUnsafeBytes { maker.add($0, to: &marks) } }
    #expect(SHA256.hexadecimal(marks[..<16]) == SHA256.hexadecimal(marks[16...]))
    #expect(
      marks[..<16].map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == mark)
  }
}

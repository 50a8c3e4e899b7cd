import Domain

/// Bytes with a few of them changed, from a seed: replaced, removed, inserted, doubled, cut off.
struct ReplyMutations: Sequence, IteratorProtocol {
  private let original: [UInt8]
  private var state: UInt64
  private var left: Int

  /// So many mutations of a reply.
  init(of text: String, count: Int, seed: UInt64) {
    original = Array(text.utf8)
    state = seed &* 2 &+ 1
    left = count
  }

  private mutating func draw(_ bound: Int) -> Int {
    // Knuth's MMIX, read from its upper bits.
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }

  /// What breaks readers: the signs of JSON, digits, letters, and bytes that are no text.
  private static let bytes =
    Array("{}[]\",:.-+0123456789eEWaz\\ \u{0}".utf8) + [0x7F, 0x80, 0xC3, 0xFF]

  mutating func next() -> [UInt8]? {
    guard left > 0 else { return nil }
    left -= 1
    var bytes = original
    for _ in 0...draw(3) {
      guard !bytes.isEmpty else { break }
      let (place, byte) = (draw(bytes.count), Self.bytes[draw(Self.bytes.count)])
      switch draw(8) {
      case 0...3: bytes[place] = byte
      case 4: bytes.remove(at: place)
      case 5: bytes.insert(byte, at: place)
      case 6: bytes.insert(bytes[place], at: place)
      default:
        if draw(8) == 0 {
          bytes.removeSubrange(place...)
        } else {
          bytes[place] ^= 1 << UInt8(draw(8))
        }
      }
    }
    return bytes
  }
}

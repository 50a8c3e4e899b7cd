import Domain

/// What Kraken keeps of an order beside what every exchange does.
struct KrakenOrderNote: Hashable, Sendable {
  var txid: String
  /// The client's id, where it gave one.
  var clientID: String?
  var userref: Int64?
  var flags: [String]
  var timeInForce: String
  /// When it ends unless it was filled.
  var expiry: Instant?
  /// When it was to end, to be told.
  var toldExpiry: Instant?
  /// Its state, where that is another than the core's.
  var status: String?
}

/// Kraken's ids of orders and trades: a letter and sixteen more in three groups, from a number.
enum KrakenID {
  private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

  /// The id of an order or a trade: `OAVY7T-MV5VK-KHDF5X`.
  static func text(_ letter: Character, _ number: Int64) -> String {
    // A linear congruence of full period (Knuth's MMIX) over two words, so that ids do not look alike;
    // the last seven letters are the number itself, so that no two are the same.
    var seed = UInt64(bitPattern: number)
    var text = [letters[0]]
    for _ in 0..<9 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text.append(letters[Int(seed >> 59)])
    }
    for place in (0..<7).reversed() {
      text.append(letters[Int(number >> Int64(5 * place)) & 31])
    }
    text[0] = letter.asciiValue ?? letters[0]
    let name = text.map { Character(Unicode.Scalar($0)) }
    return String(name[0..<6]) + "-" + String(name[6..<11]) + "-" + String(name[11..<17])
  }
}

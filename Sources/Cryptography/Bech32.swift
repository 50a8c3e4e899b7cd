/// Texts of bytes that notice a typing mistake: Bech32 (BIP 173), whose length age does not limit.
enum Bech32 {
  private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

  /// The text of bytes under a prefix in small letters.
  static func text(_ bytes: [UInt8], prefix: String) -> String {
    let values = regroup(bytes.map(Int.init), from: 8, to: 5, pads: true) ?? []
    let check = checksum(prefix, values + [Int](repeating: 0, count: 6)) ^ 1
    let sum = (0..<6).map { check >> (5 * (5 - $0)) & 31 }
    let letters = (values + sum).map { alphabet[$0] }
    return prefix + "1" + String(decoding: letters, as: UTF8.self)
  }

  /// The bytes of a text that is all in small or all in capital letters; nil for anything else.
  static func bytes(_ text: String, prefix: String) -> [UInt8]? {
    let small = text.lowercased()
    guard text == small || text == text.uppercased(), small.utf8.count < 200,
      let divider = small.utf8.lastIndex(of: UInt8(ascii: "1")), small[..<divider] == prefix
    else { return nil }
    var values: [Int] = []
    for letter in small.utf8[small.utf8.index(after: divider)...] {
      guard let value = alphabet.firstIndex(of: letter) else { return nil }
      values.append(value)
    }
    guard values.count >= 6, checksum(prefix, values) == 1 else { return nil }
    return regroup(Array(values.dropLast(6)), from: 5, to: 8, pads: false)?.map { UInt8($0) }
  }

  private static func checksum(_ prefix: String, _ values: [Int]) -> Int {
    let letters = prefix.utf8.map(Int.init)
    let generators = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
    var check = 1
    for value in letters.map({ $0 >> 5 }) + [0] + letters.map({ $0 & 31 }) + values {
      let top = check >> 25
      check = (check & 0x1ff_ffff) << 5 ^ value
      for (bit, generator) in generators.enumerated() where top >> bit & 1 == 1 {
        check ^= generator
      }
    }
    return check
  }

  private static func regroup(_ values: [Int], from: Int, to: Int, pads: Bool) -> [Int]? {
    var (bits, count) = (0, 0)
    var groups: [Int] = []
    for value in values {
      (bits, count) = (bits << from | value, count + from)
      while count >= to {
        count -= to
        groups.append(bits >> count)
        bits &= (1 << count) - 1
      }
    }
    if pads {
      if count > 0 { groups.append(bits << (to - count)) }
    } else if count >= from || bits != 0 {
      return nil
    }
    return groups
  }
}

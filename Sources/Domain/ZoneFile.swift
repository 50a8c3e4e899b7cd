/// The content of a TZif file of version 2 or later (RFC 8536).
enum ZoneFile {
  /// Why bytes are not a zone.
  struct Damage: Error { var cause: String }

  /// No transition is listed from the year 10000 on.
  private static let latestTransition: Int64 = 253_402_300_800

  /// The table of a file's bytes.
  static func table(_ bytes: [UInt8]) throws(Damage) -> ZoneTable {
    var reader = ByteReader(bytes: bytes)
    let narrow = try header(&reader)
    // The first block repeats the data in 32 bits, for readers of the time before 2005.
    try reader.skip(narrow.size(timeWidth: 4))
    let counts = try header(&reader)
    guard counts.leap == 0 else { throw Damage(cause: "it counts leap seconds, as no clock does") }
    guard counts.type >= 1, counts.type <= 256 else { throw Damage(cause: "it has no time types") }

    var times: [Int64] = []
    for _ in 0..<counts.time { times.append(try reader.integer(8)) }
    var indices: [Int] = []
    for _ in 0..<counts.time { indices.append(Int(try reader.integer(1))) }
    var raw: [(offset: Int64, isDaylight: Bool, letters: Int)] = []
    for _ in 0..<counts.type {
      raw.append(
        (try reader.integer(4), try reader.integer(1) != 0, Int(try reader.integer(1))))
    }
    let letters = try reader.take(counts.letters)
    try reader.skip(counts.standard + counts.universal)

    var types: [ZoneTable.TimeType] = []
    for type in raw {
      guard abs(type.offset) < 26 * 3600, type.letters < letters.count else {
        throw Damage(cause: "a time type is out of range")
      }
      let text = letters.dropFirst(type.letters).prefix { $0 != 0 }
      types.append(
        .init(
          offset: Int32(type.offset), isDaylight: type.isDaylight,
          letters: String(decoding: text, as: UTF8.self)))
    }
    var transitions: [(time: Int64, type: Int)] = []
    for (time, index) in zip(times, indices) {
      guard index < types.count, transitions.last.map({ $0.time < time }) ?? true,
        time > ZoneSpan.beginningOfTime, time < latestTransition
      else { throw Damage(cause: "its transitions are out of order") }
      transitions.append((time, index))
    }
    return ZoneTable(types: types, transitions: transitions, rule: try footer(&reader))
  }

  private struct Counts {
    var universal, standard, leap, time, type, letters: Int

    func size(timeWidth: Int) -> Int {
      time * (timeWidth + 1) + type * 6 + letters + leap * (timeWidth + 4) + standard + universal
    }
  }

  private static func header(_ reader: inout ByteReader) throws(Damage) -> Counts {
    guard try reader.take(4).elementsEqual("TZif".utf8) else {
      throw Damage(cause: "it is not a TZif file")
    }
    guard let version = try reader.take(1).first, version >= UInt8(ascii: "2") else {
      throw Damage(cause: "it is a TZif file of version 1, which has no closing rule")
    }
    try reader.skip(15)
    var counts: [Int] = []
    for _ in 0..<6 { counts.append(Int(UInt32(truncatingIfNeeded: try reader.integer(4)))) }
    return Counts(
      universal: counts[0], standard: counts[1], leap: counts[2], time: counts[3],
      type: counts[4], letters: counts[5])
  }

  private static func footer(_ reader: inout ByteReader) throws(Damage) -> ZoneRule? {
    guard try reader.take(1).first == 10 else { throw Damage(cause: "its closing rule is missing") }
    let text = reader.rest.prefix { $0 != 10 }
    if text.isEmpty { return nil }
    let rule = String(decoding: text, as: UTF8.self)
    guard let parsed = ZoneRule(rule) else {
      throw Damage(cause: "its closing rule `\(rule)` cannot be read")
    }
    return parsed
  }
}

/// Reads big-endian integers; past the end is damage, never a trap.
private struct ByteReader {
  let bytes: [UInt8]
  var index = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var rest: ArraySlice<UInt8> { bytes[index...] }

  mutating func take(_ count: Int) throws(ZoneFile.Damage) -> ArraySlice<UInt8> {
    guard count <= bytes.count - index else { throw ZoneFile.Damage(cause: "it is cut short") }
    defer { index += count }
    return bytes[index..<index + count]
  }

  mutating func skip(_ count: Int) throws(ZoneFile.Damage) { _ = try take(count) }

  /// A signed integer of 1 (then unsigned), 4 or 8 bytes.
  mutating func integer(_ width: Int) throws(ZoneFile.Damage) -> Int64 {
    var value: UInt64 = 0
    for byte in try take(width) { value = value << 8 | UInt64(byte) }
    return width == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
  }
}

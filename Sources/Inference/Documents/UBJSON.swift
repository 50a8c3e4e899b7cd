import Domain

/// A value of a UBJSON file with the byte where it begins.
///
/// UBJSON (draft 12) is JSON in binary: one letter per type, numbers big-endian, arrays with an
/// optional type and count in front. Lists of numbers are kept as such.
struct UBJSONValue {
  let offset: Int
  let content: Content

  enum Content {
    case null
    case bool(Bool)
    case integer(Int)
    case single(Float)
    case double(Double)
    case string(String)
    case array([UBJSONValue])
    case integers([Int])
    case singles([Float])
    case doubles([Double])
    case object([(key: String, value: UBJSONValue)])
  }
}

/// Reads a UBJSON file: bounded in depth, and never larger in memory than the bytes warrant.
struct UBJSONReader {
  static let maximumDepth = 32

  private let source: ModelSource
  private var index = 0
  private var depth = 0

  init(_ source: ModelSource) { self.source = source }

  /// The one value of the file.
  mutating func document() throws(Fault) -> UBJSONValue {
    let value = try value(try byte())
    guard index == source.bytes.count else {
      throw fault("the document ends here, but the file goes on")
    }
    return value
  }

  private func fault(_ cause: String) -> Fault {
    source.fault(byte: index, cause, remedy: "export the model again")
  }

  private var remaining: Int { source.bytes.count - index }

  private mutating func byte() throws(Fault) -> UInt8 {
    guard remaining > 0 else { throw fault("the file ends too early") }
    index += 1
    return source.bytes[index - 1]
  }

  private mutating func bigEndian(_ width: Int) throws(Fault) -> UInt64 {
    guard remaining >= width else { throw fault("the file ends too early") }
    var bits: UInt64 = 0
    for _ in 0..<width {
      bits = bits << 8 | UInt64(source.bytes[index])
      index += 1
    }
    return bits
  }

  private mutating func value(_ marker: UInt8) throws(Fault) -> UBJSONValue {
    UBJSONValue(offset: index - 1, content: try content(marker))
  }

  private mutating func content(_ marker: UInt8) throws(Fault) -> UBJSONValue.Content {
    switch marker {
    case UInt8(ascii: "Z"): return .null
    case UInt8(ascii: "T"): return .bool(true)
    case UInt8(ascii: "F"): return .bool(false)
    case UInt8(ascii: "i"), UInt8(ascii: "U"), UInt8(ascii: "I"), UInt8(ascii: "l"),
      UInt8(ascii: "L"):
      return .integer(try integer(marker))
    case UInt8(ascii: "d"):
      return .single(Float(bitPattern: UInt32(try bigEndian(4))))
    case UInt8(ascii: "D"): return .double(Double(bitPattern: try bigEndian(8)))
    case UInt8(ascii: "S"): return .string(try string())
    case UInt8(ascii: "["): return try nested { (reader) throws(Fault) in try reader.array() }
    case UInt8(ascii: "{"): return try nested { (reader) throws(Fault) in try reader.object() }
    default:
      index -= 1
      throw fault("expected a value, found byte \(marker)")
    }
  }

  private mutating func nested(
    _ read: (inout UBJSONReader) throws(Fault) -> UBJSONValue.Content
  ) throws(Fault) -> UBJSONValue.Content {
    guard depth < Self.maximumDepth else {
      throw fault("nested more than \(Self.maximumDepth) deep")
    }
    depth += 1
    let content = try read(&self)
    depth -= 1
    return content
  }

  private static func width(_ marker: UInt8) -> Int? {
    switch marker {
    case UInt8(ascii: "i"), UInt8(ascii: "U"): 1
    case UInt8(ascii: "I"): 2
    case UInt8(ascii: "l"), UInt8(ascii: "d"): 4
    case UInt8(ascii: "L"), UInt8(ascii: "D"): 8
    default: nil
    }
  }

  private mutating func integer(_ marker: UInt8) throws(Fault) -> Int {
    switch marker {
    case UInt8(ascii: "i"): Int(Int8(truncatingIfNeeded: try bigEndian(1)))
    case UInt8(ascii: "U"): Int(try bigEndian(1))
    case UInt8(ascii: "I"): Int(Int16(truncatingIfNeeded: try bigEndian(2)))
    case UInt8(ascii: "l"): Int(Int32(truncatingIfNeeded: try bigEndian(4)))
    case UInt8(ascii: "L"): Int(Int64(bitPattern: try bigEndian(8)))
    default: throw fault("expected a whole number, found byte \(marker)")
    }
  }

  /// A length: a whole number that the rest of the file can hold at `width` bytes for each.
  private mutating func count(ofWidth width: Int) throws(Fault) -> Int {
    let count = try integer(try byte())
    guard count >= 0, count <= remaining / width else {
      throw fault("a count of \(count) does not fit into the \(remaining) bytes that follow")
    }
    return count
  }

  private mutating func string() throws(Fault) -> String {
    let count = try count(ofWidth: 1)
    guard
      let text = String(validating: source.bytes[index..<index + count], as: UTF8.self)
    else { throw fault("a string is not UTF-8") }
    index += count
    return text
  }

  private mutating func object() throws(Fault) -> UBJSONValue.Content {
    var members: [(key: String, value: UBJSONValue)] = []
    while remaining > 0, source.bytes[index] != UInt8(ascii: "}") {
      guard members.count < 1024 else { throw fault("an object has more than 1024 keys") }
      let start = index
      let key = try string()
      guard !members.contains(where: { $0.key == key }) else {
        throw source.fault(byte: start, "the key '\(key)' is given twice")
      }
      members.append((key, try value(try byte())))
    }
    _ = try byte()
    return .object(members)
  }

  private mutating func array() throws(Fault) -> UBJSONValue.Content {
    var marker = try byte()
    if marker == UInt8(ascii: "$") {
      let type = try byte()
      guard let width = Self.width(type) else { throw fault("no array has the type \(type)") }
      guard try byte() == UInt8(ascii: "#") else { throw fault("expected '#' and a count") }
      return try numbers(type, count: try count(ofWidth: width))
    }
    var elements: [UBJSONValue] = []
    if marker == UInt8(ascii: "#") {
      let count = try count(ofWidth: 1)
      for _ in 0..<count { elements.append(try value(try byte())) }
      return .array(elements)
    }
    while marker != UInt8(ascii: "]") {
      elements.append(try value(marker))
      marker = try byte()
    }
    return .array(elements)
  }

  private mutating func numbers(
    _ type: UInt8, count: Int
  ) throws(Fault) -> UBJSONValue.Content {
    switch type {
    case UInt8(ascii: "d"):
      var values: [Float] = []
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(Float(bitPattern: UInt32(try bigEndian(4)))) }
      return .singles(values)
    case UInt8(ascii: "D"):
      var values: [Double] = []
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(Double(bitPattern: try bigEndian(8))) }
      return .doubles(values)
    default:
      var values: [Int] = []
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(try integer(type)) }
      return .integers(values)
    }
  }
}

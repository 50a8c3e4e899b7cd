import Domain

/// A safetensors file: eight bytes with the length of a JSON header, the header, and the data that it
/// points into.
///
/// Source of the format: the README of huggingface/safetensors.
struct Safetensors {
  /// The largest header that is read, as in the format's own reader.
  static let maximumHeaderBytes = 100_000_000

  private let source: ModelSource
  private let header: ModelDocument
  private let dataStart: Int

  /// Whether a file begins with the length of a header that it holds.
  static func recognises(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 8, bytes[8] == UInt8(ascii: "{") else { return false }
    return bytes[0..<8].enumerated().allSatisfy { $0 < 4 || $1 == 0 }
  }

  init(_ source: ModelSource) throws(Fault) {
    let length = source.bytes[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.maximumHeaderBytes, length <= source.bytes.count - 8 else {
      throw source.fault(
        byte: 0,
        "the header has \(length) bytes, but only \(source.bytes.count - 8) follow: the file was "
          + "cut short", remedy: "copy or export the model again")
    }
    self.source = source
    dataStart = 8 + length
    // Spaces in place of the length keep the positions of the header those of the file.
    let padded = [UInt8](repeating: 0x20, count: 8) + source.bytes[8..<dataStart]
    header = try ModelDocument(ModelSource(file: source.file, bytes: padded, isBinary: true))
  }

  /// A text of the header's metadata; nil when it is absent.
  func metadata(_ key: String) throws(Fault) -> ModelDocument? {
    try header.optional("__metadata__")?.optional(key)
  }

  /// The names of the tensors, in the order of the header.
  var names: [String] {
    (header.value.object ?? []).map(\.key).filter { $0 != "__metadata__" }
  }

  /// A complaint about the header as a whole.
  func fault(_ cause: String, remedy: String? = nil) -> Fault {
    header.fault(cause, remedy: remedy)
  }

  /// The values of a tensor in single precision whose shape must be so; none may be infinite or NaN.
  func singles(_ name: String, shape: [Int]) throws(Fault) -> [Float] {
    let start = try place(of: name, type: "F32", width: 4, shape: shape)
    var values: [Float] = []
    for index in 0..<shape.reduce(1, *) {
      let offset = start + 4 * index
      let bits = source.bytes[offset..<offset + 4].reversed().reduce(UInt32(0)) {
        $0 << 8 | UInt32($1)
      }
      let value = Float(bitPattern: bits)
      guard value.isFinite else {
        throw source.fault(byte: offset, "'\(name)' holds \(value), which no weight may be")
      }
      values.append(value)
    }
    return values
  }

  /// Where in the file the values of a tensor begin, once its type and shape are as they must be and
  /// all its values lie in the file.
  func place(of name: String, type wanted: String, width: Int, shape: [Int]) throws(Fault) -> Int {
    guard let entry = try header.optional(name) else {
      throw fault(
        "there is no tensor '\(name)'",
        remedy: Spelling.nearest(name, among: names).map { "did you mean '\($0)'?" }
          ?? "save the state_dict of a module with 'lstm' and 'fc'")
    }
    let type = try entry.required("dtype")
    guard try type.string() == wanted else {
      throw type.fault(
        "'\(name)' holds \(try type.string()), \(wanted) is understood",
        remedy: "call .float() before saving")
    }
    let dimensions = try entry.required("shape")
    let found = try dimensions.list("a whole number") { $0.int }
    guard found == shape else {
      throw dimensions.fault("'\(name)' has the shape \(found), but \(shape) is needed")
    }
    let offsets = try entry.required("data_offsets")
    let bounds = try offsets.list("a whole number") { $0.int }
    let byteCount = width * shape.reduce(1, *)
    let room = source.bytes.count - dataStart
    guard bounds.count == 2, bounds[0] >= 0, bounds[1] <= room, bounds[0] <= bounds[1],
      bounds[1] - bounds[0] == byteCount
    else {
      throw offsets.fault(
        "'\(name)' needs \(byteCount) bytes of the \(room) that follow the header, not \(bounds)",
        remedy: "copy or export the model again")
    }
    return dataStart + bounds[0]
  }
}

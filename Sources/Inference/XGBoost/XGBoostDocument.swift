import Domain

/// A value of an XGBoost model in either of its two spellings, JSON and UBJSON, which share one
/// schema.
enum XGBoostDocument {
  case json(ModelDocument)
  case ubjson(UBJSONValue, ModelSource)

  /// A complaint about this value: line and column, or byte.
  func fault(_ cause: String, remedy: String? = nil) -> Fault {
    switch self {
    case .json(let document): document.fault(cause, remedy: remedy)
    case .ubjson(let value, let source): source.fault(byte: value.offset, cause, remedy: remedy)
    }
  }

  private func expected(_ wanted: String) -> Fault { fault("expected \(wanted) here") }

  /// The value of a key; nil when it is absent.
  func optional(_ key: String) throws(Fault) -> XGBoostDocument? {
    switch self {
    case .json(let document):
      return try document.optional(key).map { .json($0) }
    case .ubjson(let value, let source):
      guard case .object(let members) = value.content else { throw expected("an object") }
      return members.first { $0.key == key }.map { .ubjson($0.value, source) }
    }
  }

  /// The value of a key that must be there.
  func required(_ key: String) throws(Fault) -> XGBoostDocument {
    guard let found = try optional(key) else {
      throw fault("there is no key '\(key)' in this object", remedy: "export the model again")
    }
    return found
  }

  /// The text of a string.
  func string() throws(Fault) -> String {
    switch self {
    case .json(let document): return try document.string()
    case .ubjson(let value, _):
      guard case .string(let text) = value.content else { throw expected("a string") }
      return text
    }
  }

  /// A whole number, which XGBoost writes as a string.
  func parameter(in range: ClosedRange<Int>) throws(Fault) -> Int {
    let text = try string()
    guard let number = Int(text), range.contains(number) else {
      throw fault("'\(text)' is no whole number of \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The elements of an array.
  func elements() throws(Fault) -> [XGBoostDocument] {
    switch self {
    case .json(let document): return try document.elements().map { .json($0) }
    case .ubjson(let value, let source):
      switch value.content {
      case .array(let elements): return elements.map { .ubjson($0, source) }
      case .integers(let list) where list.isEmpty: return []
      case .singles(let list) where list.isEmpty: return []
      default: throw expected("an array")
      }
    }
  }

  /// The strings of an array.
  func strings() throws(Fault) -> [String] {
    var strings: [String] = []
    for element in try elements() { strings.append(try element.string()) }
    return strings
  }

  /// Numbers in single precision.
  func singles() throws(Fault) -> [Float] {
    switch self {
    case .json(let document):
      return try document.list("a number") { $0.float }
    case .ubjson(let value, _):
      switch value.content {
      case .singles(let list): return list
      case .integers(let list): return list.map { Float($0) }
      case .doubles(let list): return list.map { Float($0) }
      case .array(let elements):
        var list: [Float] = []
        for element in elements {
          switch element.content {
          case .single(let number): list.append(number)
          case .double(let number): list.append(Float(number))
          case .integer(let number): list.append(Float(number))
          default: throw expected("numbers")
          }
        }
        return list
      default: throw expected("an array of numbers")
      }
    }
  }

  /// Whole numbers; truth values count as 0 and 1.
  func integers() throws(Fault) -> [Int] {
    switch self {
    case .json(let document):
      return try document.list("a whole number") { $0.int ?? $0.bool.map { $0 ? 1 : 0 } }
    case .ubjson(let value, _):
      switch value.content {
      case .integers(let list): return list
      case .array(let elements):
        var list: [Int] = []
        for element in elements {
          switch element.content {
          case .integer(let number): list.append(number)
          case .bool(let truth): list.append(truth ? 1 : 0)
          default: throw expected("whole numbers")
          }
        }
        return list
      default: throw expected("an array of whole numbers")
      }
    }
  }

  /// Throws unless a list of this value has a length.
  func require<Element>(_ list: [Element], count: Int) throws(Fault) -> [Element] {
    guard list.count == count else {
      throw fault(
        "this list has \(list.count) entries, but \(count) are needed",
        remedy: "export the model again")
    }
    return list
  }
}

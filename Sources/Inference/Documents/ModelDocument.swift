import Domain

/// A value of a JSON model file together with its place, so that each complaint can name it.
struct ModelDocument {
  let source: ModelSource
  let value: JSONValue
  private var path: [JSONValue.Step] = []

  /// Limits on the JSON of model files; their writers spell infinities as Python does.
  private static var limits: JSONValue.Limits {
    var limits = JSONValue.Limits()
    limits.maximumBytes = ModelSource.maximumBytes
    limits.maximumDepth = 32
    limits.allowsNonFinite = true
    return limits
  }

  /// The document of a whole file.
  init(_ source: ModelSource) throws(Fault) {
    self.source = source
    do throws(JSONSyntaxError) {
      value = try JSONValue.parse(source.bytes, limits: Self.limits)
    } catch {
      throw source.fault(line: error.line, column: error.column, error.message)
    }
  }

  private init(_ source: ModelSource, _ value: JSONValue, _ path: [JSONValue.Step]) {
    (self.source, self.value, self.path) = (source, value, path)
  }

  /// A complaint about this value.
  func fault(_ cause: String, remedy: String? = nil) -> Fault {
    fault(at: path, cause, remedy)
  }

  private func fault(at path: [JSONValue.Step], _ cause: String, _ remedy: String?) -> Fault {
    guard let place = JSONValue.position(of: path, in: source.bytes, limits: Self.limits) else {
      return source.fault(cause, remedy: remedy)
    }
    return source.fault(line: place.line, column: place.column, cause, remedy: remedy)
  }

  /// How the place reads in a message: `features[2]`.
  private var label: String {
    var text = ""
    for step in path {
      switch step {
      case .key(let key): text += text.isEmpty ? key : ".\(key)"
      case .index(let index): text += "[\(index)]"
      }
    }
    return text.isEmpty ? "the file" : text
  }

  // MARK: Objects

  /// Throws unless this is an object whose keys are all known.
  func requireKeys(among known: [String]) throws(Fault) {
    for member in try members() where !known.contains(member.key) {
      let meant = Spelling.nearest(member.key, among: known)
      throw fault(
        at: path + [.key(member.key)], "unknown key '\(member.key)'",
        meant.map { "did you mean '\($0)'?" } ?? "known keys: \(known.joined(separator: ", "))")
    }
  }

  private func members() throws(Fault) -> [JSONValue.Member] {
    guard let members = value.object else { throw expected("an object") }
    return members
  }

  /// The value of a key; nil when it is absent.
  func optional(_ key: String) throws(Fault) -> ModelDocument? {
    for member in try members() where member.key == key {
      return ModelDocument(source, member.value, path + [.key(key)])
    }
    return nil
  }

  /// The value of a key that must be there.
  func required(_ key: String) throws(Fault) -> ModelDocument {
    guard let found = try optional(key) else {
      throw fault("\(label) has no '\(key)'", remedy: "add the key '\(key)'")
    }
    return found
  }

  // MARK: Leaves

  private func expected(_ wanted: String) -> Fault {
    fault("\(label) must be \(wanted), not \(value.kind)")
  }

  /// The elements of an array.
  func elements() throws(Fault) -> [ModelDocument] {
    guard let array = value.array else { throw expected("an array") }
    return array.enumerated().map { ModelDocument(source, $1, path + [.index($0)]) }
  }

  /// The text of a string.
  func string() throws(Fault) -> String {
    guard let text = value.string else { throw expected("a string") }
    return text
  }

  /// The truth value.
  func bool() throws(Fault) -> Bool {
    guard let truth = value.bool else { throw expected("true or false") }
    return truth
  }

  /// A finite number.
  func number() throws(Fault) -> Double {
    guard let number = value.double else { throw expected("a number") }
    guard number.isFinite else { throw fault("\(label) must be a finite number") }
    return number
  }

  /// A whole number of a range.
  func integer(in range: ClosedRange<Int>) throws(Fault) -> Int {
    guard let number = value.int else { throw expected("a whole number") }
    guard range.contains(number) else {
      throw fault("\(label) is \(number); it must be \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// What `read` makes of each element of an array; nil from it is a complaint.
  func list<Element>(
    _ wanted: String, _ read: (JSONValue) -> Element?
  ) throws(Fault) -> [Element] {
    guard let array = value.array else { throw expected("an array") }
    var list: [Element] = []
    list.reserveCapacity(array.count)
    for (index, value) in array.enumerated() {
      guard let element = read(value) else {
        throw ModelDocument(source, value, path + [.index(index)]).expected(wanted)
      }
      list.append(element)
    }
    return list
  }

  /// Finite numbers, as many as wanted.
  func numbers(count: Int, each noun: String) throws(Fault) -> [Double] {
    let elements = try elements()
    guard elements.count == count else {
      throw fault("\(label) has \(elements.count) numbers, but there are \(count) \(noun)")
    }
    var numbers: [Double] = []
    numbers.reserveCapacity(count)
    for element in elements { numbers.append(try element.number()) }
    return numbers
  }

  /// The names of features: at least one, none empty, none twice.
  func featureNames() throws(Fault) -> [String] {
    let elements = try elements()
    guard (1...ModelSource.maximumFeatures).contains(elements.count) else {
      throw fault("\(label) has \(elements.count) names, 1 to \(ModelSource.maximumFeatures) go")
    }
    var names: [String] = []
    var seen: Set<String> = []
    for element in elements {
      let name = try element.string()
      guard !name.isEmpty else { throw element.fault("a feature's name must not be empty") }
      guard seen.insert(name).inserted else {
        throw element.fault("the feature '\(name)' is listed twice")
      }
      names.append(name)
    }
    return names
  }
}

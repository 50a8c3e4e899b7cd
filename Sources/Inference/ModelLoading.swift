public import Domain

extension Model {
  /// Reads a model file: its kind is recognised from the content, never from the name.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - file: its name as the user gave it, for messages.
  ///   - rounds: which rounds of a boosted model are used, where its file tells of early stopping.
  ///   - description: the file `descriptionName(of:)` beside it, where that is known and exists.
  /// - Throws: `Fault` with the place of what is wrong (line and column, or byte) and exit code 65.
  public static func load(
    _ bytes: [UInt8], file: String, rounds: ModelRounds = .all,
    description: (bytes: [UInt8], file: String)? = nil
  ) throws(Fault) -> Model {
    let source = ModelSource(file: file, bytes: bytes)
    guard bytes.count <= ModelSource.maximumBytes else {
      throw source.fault(
        "the file has \(bytes.count) bytes; the most allowed is \(ModelSource.maximumBytes)")
    }
    guard bytes.contains(where: { !isSpace($0) }) else {
      throw source.fault(at: 0, "the file is empty")
    }
    if Safetensors.recognises(bytes) {
      let text = description.map { ModelSource(file: $0.file, bytes: $0.bytes) }
      return try LSTMReading(source, description: text).model()
    }
    if LightGBMReading.recognises(bytes) {
      var reading = LightGBMReading(source)
      return try reading.model()
    }
    if XGBoostReading.recognisesUBJSON(bytes) {
      var reader = UBJSONReader(source)
      return try XGBoostReading(.ubjson(try reader.document(), source), rounds: rounds).model()
    }
    if RuleReading.recognises(bytes) { return try RuleReading(source).model() }
    if bytes.first(where: { !isSpace($0) }) == UInt8(ascii: "{") {
      return try loadJSON(source, rounds)
    }
    throw source.fault(byte: 0, "this is no model of a known kind", remedy: Self.knownKinds)
  }

  /// The file beside a model that describes it: `x.json` for `x.safetensors`; nil for all else.
  public static func descriptionName(of file: String) -> String? {
    let ending = ".safetensors"
    return file.hasSuffix(ending) ? file.dropLast(ending.count) + ".json" : nil
  }

  private static let knownKinds =
    "known kinds: linear (JSON), rules (text), LightGBM (text), XGBoost (JSON or UBJ), LSTM "
    + "(safetensors)"

  private static func loadJSON(
    _ source: ModelSource, _ rounds: ModelRounds
  ) throws(Fault) -> Model {
    let document = try ModelDocument(source)
    if try document.optional("learner") != nil {
      return try XGBoostReading(.json(document), rounds: rounds).model()
    }
    if let config = try document.optional("config") {
      throw config.fault(
        "this describes an LSTM whose weights are elsewhere",
        remedy: "name the .safetensors file; this one is found beside it")
    }
    let kind = try document.required("kind")
    switch try kind.string() {
    case "linear": return try LinearModel.read(document)
    case let other:
      let meant = Spelling.nearest(other, among: ["linear"])
      throw kind.fault(
        "there is no model kind '\(other)'",
        remedy: meant.map { "did you mean '\($0)'?" } ?? knownKinds)
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}

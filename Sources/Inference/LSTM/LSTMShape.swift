import Domain

/// The description of an LSTM: what the safetensors file cannot tell by itself.
///
///     {"name": "momentum", "features": ["return1", "volume", ...],
///      "config": {"inp": 8, "hid": 32, "layers": 1, "seq": 32, "out": 1, "act": "none", "bi": false}}
///
/// It stands in a JSON file beside the weights, or (`config` alone) as a text under `config` in the
/// weights' own metadata. Keys outside of `config` that are not known are notes of the trainer.
struct LSTMShape {
  static let maximumWidth = 4096
  static let maximumLayers = 16
  static let maximumWindow = 4096

  let name: String?
  let featureNames: [String]?
  let inputs: Int
  let hidden: Int
  let layers: Int
  let window: Int
  let outputs: Int
  let isBidirectional: Bool
  let activation: LSTMActivation
  private(set) var calibration: Calibration?

  /// Reads a description file.
  init(description: ModelDocument) throws(Fault) {
    if let kind = try description.optional("kind"), try kind.string() != "lstm" {
      throw kind.fault("the description is of kind '\(try kind.string())', not 'lstm'")
    }
    let features = try description.optional("features")
    try self.init(
      config: try description.required("config"),
      name: try description.optional("name")?.string(),
      featureNames: try features?.featureNames())
    calibration = try description.optional("calibrated")?.calibration()
    if let features, let featureNames, featureNames.count != inputs {
      throw features.fault("there are \(featureNames.count) features, but 'inp' is \(inputs)")
    }
  }

  /// Reads the object `config`.
  init(config: ModelDocument, name: String? = nil, featureNames: [String]? = nil) throws(Fault) {
    self.name = name
    self.featureNames = featureNames
    try config.requireKeys(among: ["inp", "hid", "layers", "seq", "out", "act", "bi"])
    inputs = try config.required("inp").integer(in: 1...Self.maximumWidth)
    hidden = try config.required("hid").integer(in: 1...Self.maximumWidth)
    layers = try config.optional("layers")?.integer(in: 1...Self.maximumLayers) ?? 1
    window = try config.required("seq").integer(in: 1...Self.maximumWindow)
    outputs = try config.optional("out")?.integer(in: 1...Self.maximumWidth) ?? 1
    isBidirectional = try config.optional("bi")?.bool() ?? false
    guard let word = try config.optional("act") else {
      activation = .none
      return
    }
    let text = try word.string()
    guard let activation = LSTMActivation(rawValue: text) else {
      let known = LSTMActivation.allCases.map(\.rawValue)
      throw word.fault(
        "there is no activation '\(text)'",
        remedy: Spelling.nearest(text, among: known).map { "did you mean '\($0)'?" }
          ?? "known: \(known.joined(separator: ", "))")
    }
    self.activation = activation
  }

  /// How many ways the window is read: 1, or 2 when also from its end.
  var directions: Int { isBidirectional ? 2 : 1 }
}

/// What the last layer's scores become.
enum LSTMActivation: String, CaseIterable, Sendable {
  case none, sigmoid, softmax, tanh, relu
}

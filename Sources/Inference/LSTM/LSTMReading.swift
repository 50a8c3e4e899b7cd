import Domain

/// Reads an LSTM: weights as PyTorch's `nn.LSTM` (`lstm.weight_ih_l0` ...) and a final `nn.Linear`
/// (`fc.weight`, `fc.bias`) save them, with a description.
struct LSTMReading {
  private let tensors: Safetensors
  private let shape: LSTMShape

  init(_ source: ModelSource, description: ModelSource?) throws(Fault) {
    tensors = try Safetensors(source)
    if let description {
      shape = try LSTMShape(description: try ModelDocument(description))
    } else if let config = try tensors.metadata("config") {
      let text = Array(try config.string().utf8)
      let name = "\(source.file) (metadata 'config')"
      shape = try LSTMShape(config: try ModelDocument(ModelSource(file: name, bytes: text)))
    } else {
      throw tensors.fault(
        "the weights come without a description",
        remedy: "put a JSON description beside them, named alike, with 'config'")
    }
  }

  /// The model of weights and description.
  func model() throws(Fault) -> Model {
    let width = shape.hidden * shape.directions
    var layers: [[LSTMLayer]] = []
    var inputs = shape.inputs
    var expected: Set<String> = ["fc.weight", "fc.bias"]
    for index in 0..<shape.layers {
      var directions: [LSTMLayer] = []
      for suffix in ["", "_reverse"].prefix(shape.directions) {
        let names = ["weight_ih_l", "weight_hh_l", "bias_ih_l", "bias_hh_l"].map {
          "lstm.\($0)\(index)\(suffix)"
        }
        expected.formUnion(names)
        let rows = 4 * shape.hidden
        directions.append(
          LSTMLayer(
            inputWeights: try tensors.singles(names[0], shape: [rows, inputs]),
            hiddenWeights: try tensors.singles(names[1], shape: [rows, shape.hidden]),
            biases: [
              try tensors.singles(names[2], shape: [rows]),
              try tensors.singles(names[3], shape: [rows]),
            ],
            // Behind the first layer, a row holds padded halves.
            inputs: index == 0
              ? .plain(inputs) : .halves(of: shape.hidden, count: shape.directions),
            hidden: shape.hidden))
      }
      layers.append(directions)
      inputs = width
    }
    let weights = try tensors.singles("fc.weight", shape: [shape.outputs, width])
    let biases = try tensors.singles("fc.bias", shape: [shape.outputs])
    if let other = tensors.names.first(where: { !expected.contains($0) }) {
      throw tensors.fault(
        "the tensor '\(other)' is not part of an LSTM of \(shape.layers) layers",
        remedy: "check 'layers' and 'bi' of the description")
    }
    var model = Model(
      kind: .lstm, name: shape.name, featureNames: shape.featureNames,
      featureCount: shape.inputs, windowLength: shape.window, outputCount: shape.outputs,
      predictionCount: shape.outputs,
      facts: [
        Model.Fact("window", shape.window),
        Model.Fact("hidden units", shape.hidden),
        Model.Fact("layers", shape.layers),
        Model.Fact("bidirectional", shape.isBidirectional ? "yes" : "no"),
        Model.Fact("activation", shape.activation.rawValue),
      ],
      evaluator: LSTMNetwork(
        shape, layers: layers, weights: weights.map { Double($0) },
        biases: biases.map { Double($0) }))
    model.calibration = shape.calibration
    if model.calibration == nil, let word = try tensors.metadata("calibrated") {
      model.calibration = try word.calibration()
    }
    return model
  }
}

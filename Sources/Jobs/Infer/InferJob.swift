import Domain
import Indicators
import Inference
import Settings
import Store
import StrictYAML

/// Turns each series' newest row of features into a score, by a model.
///
/// It abstains, series by series, rather than guess: when the newest row is older than allowed, or
/// when a feature that the model needs is missing.
struct InferJob: Job {
  let kind = JobKind.infer
  let universe: Universe
  let features: FeatureRecipe
  let modelPath: String
  /// The program that stands for a model file, if one does.
  let command: CommandModel?
  let output: Int
  let maximumAge: TimeSpan
  private let library = ModelLibrary()

  init?(_ reader: MappingReader, _ settings: Settings, _ sources: MarketSources) {
    let universe = Universe(reader, settings.market, sources)
    let features = FeatureRecipe(reader, settings.market)
    let isCommand = CommandModel.isNamed(in: reader)
    let path = isCommand ? "" : reader.name("model", required: true)
    command =
      isCommand
      ? CommandModel(reader, settings, available: features?.specification.names ?? []) : nil
    output = isCommand ? 0 : reader.integer("output", in: 0...999) ?? 0
    let age = reader.span("max-age")
    guard let universe, let features, let path, !isCommand || command != nil else { return nil }
    self.universe = universe
    self.features = features
    modelPath = path == BuiltInModel.name ? path : settings.resolve(path)
    maximumAge = age ?? universe.timeframe.span * 2
  }

  func run(_ context: JobContext) async throws -> JobResult {
    if let command { return try await run(command, context) }
    let model = try library.model(at: modelPath)
    let columns = try columns(of: model)
    let symbols = try await universe.symbols()
    let predictions = try context.store.read { transaction in
      let set = try transaction.features.set(sha256: features.sha256)
      return try symbols.map { symbol in
        let series = universe.series(symbol)
        switch try score(series, set, model.model, columns, at: context.slot, transaction) {
        case .score(let score, let time):
          return Prediction(
            series: series, time: time, score: score, model: model.sha256, featureSet: set?.id)
        case .abstained(let reason):
          return Prediction(
            series: series, time: nil, abstained: reason, model: model.sha256,
            featureSet: set?.id)
        }
      }
    }
    return result(
      predictions, by: "\(model.model.kind) \(model.sha256.prefix(12))",
      model: ModelRecord(
        sha256: model.sha256, kind: model.model.kind.rawValue, name: model.model.name,
        file: model.path, features: columns.names),
      context)
  }

  /// What the scores of all series come to.
  func result(
    _ predictions: [Prediction], by name: String, model: ModelRecord, _ context: JobContext
  ) -> JobResult {
    let abstentions = predictions.filter { $0.score == nil }
    let caveat = abstentions.first.map {
      "abstained on \(abstentions.count) of \(predictions.count): "
        + "\($0.series.symbol): \($0.reason ?? "no score")"
    }
    return JobResult(
      summary: "\(predictions.count - abstentions.count) scores by \(name)",
      details: predictions.map {
        "\($0.series.symbol) \($0.score?.description ?? $0.reason ?? "no score")"
      }, caveat: caveat
    ) { transaction in
      try transaction.models.register(model)
      try transaction.predictions.replace(
        context.firing.slot, with: predictions, run: context.run)
    }
  }

  /// Where the model's features stand in a row.
  private struct Columns {
    var names: [String]
    var places: [Int]
  }

  /// - Throws: exit 65 when the model wants features that the set does not have.
  private func columns(of model: LoadedModel) throws(Fault) -> Columns {
    let available = features.specification.names
    guard output < model.model.predictionCount else {
      throw Fault(
        "use the model", model.path,
        cause: "it has \(model.model.predictionCount) outputs, so there is no output \(output)",
        remedy: "set `with: { output: 0 }`", exit: .data)
    }
    guard let names = model.model.featureNames else {
      guard model.model.featureCount == available.count else {
        throw Fault(
          "use the model", model.path,
          cause: "it reads \(model.model.featureCount) features without names, and the set has "
            + "\(available.count)",
          remedy: "configure the features that it was trained on, in their order", exit: .data)
      }
      return Columns(names: available, places: Array(available.indices))
    }
    let places = Dictionary(uniqueKeysWithValues: available.enumerated().map { ($1, $0) })
    let unknown = names.filter { places[$0] == nil }
    guard unknown.isEmpty else {
      let near = Spelling.nearest(unknown[0], among: available)
      throw Fault(
        "use the model", model.path,
        cause: "it reads features that are not computed: \(unknown.joined(separator: ", "))",
        remedy: near.map { "did you mean `\($0)`? " } ?? ""
          + "add them to `market: features:`, or train on: \(available.joined(separator: ", "))",
        exit: .data)
    }
    return Columns(names: names, places: names.compactMap { places[$0] })
  }

  private enum Answer {
    case score(Double, time: Instant)
    case abstained(String)
  }

  private func score(
    _ series: Series, _ set: FeatureSet?, _ model: Model, _ columns: Columns, at slot: Instant,
    _ transaction: ReadTransaction
  ) throws -> Answer {
    let newest = series.timeframe.lastClosedOpen(at: slot)
    guard let set, let record = try transaction.series.find(series) else {
      return .abstained("no features yet")
    }
    let rows = try transaction.features.last(
      set, record, count: model.windowLength, atOrBefore: newest)
    guard let last = rows.last else { return .abstained("no features yet") }
    let close = last.time + series.timeframe.span
    guard slot - close <= maximumAge else {
      return .abstained("stale: the last candle closed at \(close)")
    }
    guard rows.count == model.windowLength else {
      return .abstained("\(rows.count) of \(model.windowLength) rows")
    }
    var input: [Double] = []
    input.reserveCapacity(model.inputCount)
    for row in rows {
      for (name, place) in zip(columns.names, columns.places) {
        let value = row.values[place]
        if value.isNaN, !model.kind.acceptsMissing { return .abstained("\(name) is missing") }
        input.append(value)
      }
    }
    let score = model.transform(model.predict(input))[output]
    return score.isFinite ? .score(score, time: last.time) : .abstained("the score is \(score)")
  }
}

extension ModelKind {
  /// Whether a missing value is something that the model was trained to handle.
  fileprivate var acceptsMissing: Bool { self == .lightgbm || self == .xgboost || self == .rules }
}

import Calendars
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
  let maximumAge: TimeSpan
  let source: any ScorerSource
  /// What the scores have to be, and the model has to say that they are; nil: anything.
  let calibration: Calibration?

  init?(_ reader: MappingReader, _ settings: Settings, _ sources: MarketSources) {
    let universe = Universe(reader, settings, sources)
    let features = FeatureRecipe(
      reader, settings.market, calendar: universe?.clock.calendar)
    calibration = reader.choice("calibrated")
    let source: (any ScorerSource)? =
      CommandModel.isNamed(in: reader)
      ? CommandModel(reader, settings, available: features?.specification.names ?? [])
      : ModelSwap(reader, settings, calibration: calibration)
    if let calibration, let command = source as? CommandModel, command.calibration != calibration {
      reader.log.error(
        at: reader.value("calibrated") ?? reader.node,
        "the program of `model` does not say that its scores are calibrated",
        mend: "calibrate it, and say so: model: { command: [...], calibrated: probability }")
    }
    let age = reader.span("max-age")
    if let bound = reader.value("feature-set"), let features {
      Self.check(bound, features, reader.log)
    }
    guard let universe, let features, let source else { return nil }
    self.universe = universe
    self.features = features
    self.source = source
    maximumAge = age ?? universe.standardMaximumAge
  }

  /// The shortest beginning of a feature set's hash that a model may be held to.
  private static let shortestHash = 8

  /// Notes when a model was trained on other features than are configured.
  private static func check(_ bound: YAMLNode, _ features: FeatureRecipe, _ log: DiagnosticLog) {
    let text = bound.text ?? ""
    guard text.utf8.count < shortestHash || !features.sha256.hasPrefix(text) else { return }
    log.error(
      at: bound, "the configured features are the set \(features.sha256.prefix(12)), not this one",
      mend: "configure the features that the model was trained on, or train it anew")
  }

  func run(_ context: JobContext) async throws -> JobResult {
    let symbols = try context.store.read { try universe.symbols(in: $0, at: context.slot) }
    let windows = FeatureWindows(
      universe: universe, features: features, symbols: symbols, maximumAge: maximumAge)
    let chosen = try await source.scorer(for: windows, context)
    let scorer = chosen.scorer
    let names = try windows.columns(of: scorer).names
    let (set, inputs) = try context.store.read { transaction in
      (
        try transaction.features.set(sha256: features.sha256),
        try windows.newest(for: scorer, at: context.slot, in: transaction)
      )
    }
    let questions = inputs.compactMap(\.question)
    let begun = context.time.uptime
    let scores = questions.isEmpty ? [] : try await scorer.scores(of: questions, context)
    let scoring = questions.isEmpty ? nil : context.time.uptime - begun
    precondition(scores.count == questions.count, "a scorer answers each question")
    var answers = zip(questions, scores).makeIterator()
    let predictions = zip(symbols, inputs).map { symbol, input in
      let series = universe.series(symbol)
      let answer = input.question == nil ? nil : answers.next()
      guard let answer, let score = answer.1 else {
        return Prediction(
          series: series, time: nil, abstained: input.reason ?? "the model gave no score",
          model: scorer.sha256, featureSet: set?.id)
      }
      if calibration == .probability, !(0...1).contains(score) {
        return Prediction(
          series: series, time: nil, abstained: "\(score) is no probability",
          model: scorer.sha256, featureSet: set?.id)
      }
      return Prediction(
        series: series, time: answer.0.time, score: score, model: scorer.sha256,
        featureSet: set?.id)
    }
    var result = result(of: predictions, chosen, names: names, context)
    result.scoring = scoring
    return result
  }

  private func result(
    of predictions: [Prediction], _ chosen: ChosenScorer, names: [String], _ context: JobContext
  ) -> JobResult {
    let scorer = chosen.scorer
    let abstentions = predictions.filter { $0.score == nil }
    let abstained = abstentions.first.map {
      "abstained on \(abstentions.count) of \(predictions.count): "
        + "\($0.series.symbol): \($0.reason ?? "no score")"
    }
    let remarks = [chosen.caveat, abstained].compactMap(\.self)
    return JobResult(
      summary: "\(predictions.count - abstentions.count) scores by \(scorer.kind) "
        + "\(scorer.sha256.prefix(12))",
      details: predictions.map {
        "\($0.series.symbol) \($0.score?.description ?? $0.reason ?? "no score")"
      }, caveat: remarks.isEmpty ? nil : remarks.joined(separator: "; ")
    ) { transaction in
      let job = context.firing.slot.job
      let before = try transaction.predictions.latestModel(job)
      if let before, before != scorer.sha256 {
        try transaction.audit.append(
          "model", "\(job): \(scorer.file): \(before) -> \(scorer.sha256)")
        try transaction.alerts.raise(
          Alert(
            .modelSwapped, of: job.text,
            "\(scorer.file) is \(scorer.sha256.prefix(12)) now, and was \(before.prefix(12))",
            remedy: "nothing, if it was meant; else put the file back"))
      }
      if let refused = chosen.caveat {
        try transaction.alerts.raise(
          Alert(
            .modelRefused, of: job.text, refused,
            remedy: "carillon model predict tries a file; put a good one there"),
          isNews: false)
      } else {
        try transaction.alerts.settle(
          .modelRefused, job.text, saying: "\(scorer.file) is \(scorer.sha256.prefix(12))")
      }
      try transaction.models.register(
        ModelRecord(
          sha256: scorer.sha256, kind: scorer.kind, name: scorer.name, file: scorer.file,
          features: names))
      try transaction.predictions.replace(
        context.firing.slot, with: predictions, run: context.run)
    }
  }
}

extension FeatureWindows.Input {
  /// What there is to ask; nil when nothing.
  fileprivate var question: ScoreQuestion? {
    if case .question(let question) = self { question } else { nil }
  }

  /// Why there can be no score; nil when there can.
  fileprivate var reason: String? {
    if case .abstained(let reason) = self { reason } else { nil }
  }
}

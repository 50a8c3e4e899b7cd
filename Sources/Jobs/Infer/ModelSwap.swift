import Domain
import Inference
import Logging
import Settings
import Store
import StrictYAML
import Synchronization

/// The model of a file, which may be replaced by another while jobs run.
///
/// A new file is proved before it is used: it is whole and a model, its features are computed, and it
/// has an opinion on the newest rows wherever the model before it had one. While it is not, the model
/// before it stays: of this process, or the one of the job's last scores, from the archive.
final class ModelSwap: ScorerSource {
  private let path: String
  private let output: Int
  private let rounds: ModelRounds
  /// What the scores have to be; nil: anything.
  private let calibration: Calibration?
  private let archive: ModelArchive
  private let state = Mutex(State())

  /// What is remembered from run to run.
  struct State {
    var inUse: ModelScorer?
    /// The state of the file that `inUse` is of; nil when it is of none.
    var stamp: ModelStamp?
    /// The state of the file that was no good, and why.
    private(set) var refused: (stamp: ModelStamp, caveat: String)?

    init(inUse: ModelScorer? = nil, stamp: ModelStamp? = nil) {
      (self.inUse, self.stamp) = (inUse, stamp)
    }

    /// Remembers that a state of the file is no good. What passes by itself says nothing of the file,
    /// so the next run reads it again.
    mutating func refuse(_ stamp: ModelStamp, for fault: Fault, caveat: String) {
      guard !fault.isTransient else { return refused = nil }
      refused = (stamp, caveat)
    }
  }

  init(
    path: String, output: Int, rounds: ModelRounds, calibration: Calibration? = nil,
    archive: ModelArchive
  ) {
    (self.path, self.output, self.rounds, self.archive) = (path, output, rounds, archive)
    self.calibration = calibration
  }

  /// Reads `model`, `output` and `rounds`; nil when there is a mistake, which is in the log.
  convenience init?(
    _ reader: MappingReader, _ settings: Settings, calibration: Calibration?
  ) {
    let path = reader.name("model", required: true)
    let output = reader.integer("output", in: 0...999) ?? 0
    let rounds = reader.choice("rounds", ModelRounds.self) ?? .all
    guard let path else { return nil }
    self.init(
      path: path == BuiltInModel.name ? path : settings.resolve(path), output: output,
      rounds: rounds, calibration: calibration, archive: ModelArchive(beside: settings.database))
  }

  func scorer(for rows: FeatureWindows, _ context: JobContext) throws -> ChosenScorer {
    if path == BuiltInModel.name {
      let file = (name: path, bytes: Array(BuiltInModel.text.utf8))
      return ChosenScorer(
        scorer: try ModelScorer(
          LoadedModel([file], path: path), output: output, calibration: calibration))
    }
    let stamp = try ModelStamp(path)
    let known = state.withLock { $0 }
    if let inUse = known.inUse, known.stamp == stamp { return ChosenScorer(scorer: inUse) }
    if let inUse = known.inUse, let refused = known.refused, refused.stamp == stamp {
      return ChosenScorer(scorer: inUse, caveat: refused.caveat)
    }
    let before = try known.inUse ?? lastUsed(for: rows, context)
    switch try attempt(after: before, for: rows, context) {
    case .success(let new):
      if let before, before.sha256 != new.sha256 {
        context.log.info("model \(path): \(before.sha256) -> \(new.sha256)")
      }
      do { try archive.keep(new.model) } catch {
        // Inference needs no archive: the next failure of a file is what it would have helped with.
        context.log.warning("a model is not archived: \(error)")
      }
      let kept = try ModelScorer(new.model.withoutFiles(), output: output, calibration: calibration)
      state.withLock { $0 = State(inUse: kept, stamp: stamp) }
      return ChosenScorer(scorer: kept)
    case .failure(let fault):
      guard let before else { throw fault }
      let caveat = "model \(before.sha256.prefix(12)) stays: \(fault)"
      context.log.warning("\(caveat)")
      state.withLock {
        $0 = State(inUse: before, stamp: known.stamp)
        $0.refuse(stamp, for: fault, caveat: caveat)
      }
      return ChosenScorer(scorer: before, caveat: caveat)
    }
  }

  func examined(for rows: FeatureWindows) throws(Fault) -> String {
    let isBuiltIn = path == BuiltInModel.name
    let model =
      isBuiltIn
      ? try LoadedModel([(name: path, bytes: Array(BuiltInModel.text.utf8))], path: path)
      : try LoadedModel(path: path)
    let scorer = try ModelScorer(model, output: output, calibration: calibration)
    let columns = try rows.columns(of: scorer)
    return "\(path), \(scorer.kind) \(scorer.sha256.prefix(12)), \(columns.names.count) features"
  }

  /// The file's model, or why it is no good.
  private func attempt(
    after before: ModelScorer?, for rows: FeatureWindows, _ context: JobContext
  ) throws -> Result<ModelScorer, Fault> {
    do {
      let new = try ModelScorer(
        LoadedModel(path: path, rounds: rounds), output: output, calibration: calibration)
      _ = try rows.columns(of: new)
      if let before, before.sha256 != new.sha256 {
        try prove(new, after: before, for: rows, context)
      }
      return .success(new)
    } catch let fault as Fault {
      return .failure(fault)
    }
  }

  /// - Throws: exit 65 when the new model has no opinion where the one before it had one.
  private func prove(
    _ new: ModelScorer, after before: ModelScorer, for rows: FeatureWindows, _ context: JobContext
  ) throws {
    let windows = try context.store.read { transaction in
      try rows.recent(for: new, and: before, at: context.slot, in: transaction)
    }
    let lost = windows.filter {
      before.score($0.other).isFinite && !new.score($0.one).isFinite
    }
    guard lost.isEmpty else {
      throw Fault(
        "use the model", path,
        cause: "it gives no finite score on \(lost.count) of the last \(windows.count) rows, where "
          + "the model before it does", exit: .data)
    }
  }

  /// The model of this job's last scores, if it was this file's and is in the archive.
  private func lastUsed(
    for rows: FeatureWindows, _ context: JobContext
  ) throws -> ModelScorer? {
    let record = try context.store.read { transaction in
      try transaction.predictions.latestModel(context.firing.slot.job)
        .flatMap { try transaction.models.model(sha256: $0) }
    }
    guard let record, record.file == path,
      let model = archive.model(record.sha256, of: path, rounds)
    else {
      return nil
    }
    do {
      let scorer = try ModelScorer(model.withoutFiles(), output: output, calibration: calibration)
      _ = try rows.columns(of: scorer)
      return scorer
    } catch {
      return nil  // the job wants another output by now, or computes other features
    }
  }
}

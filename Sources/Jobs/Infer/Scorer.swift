import Domain
import Inference

/// What turns rows of features into scores, whatever it is made of.
protocol Scorer: Sendable {
  /// The hash that is written beside every score.
  var sha256: String { get }
  /// What it is, in a word: `lightgbm`.
  var kind: String { get }
  /// The name that it gives itself, if any.
  var name: String? { get }
  /// Where it came from.
  var file: String { get }
  /// The features that it reads, in their order; nil where it only knows how many.
  var featureNames: [String]? { get }
  /// How many features it reads of one row.
  var featureCount: Int { get }
  /// How many rows, oldest first, one score is made from.
  var windowLength: Int { get }
  /// What it says that its scores are; nil where it says nothing.
  var calibration: Calibration? { get }
  /// Whether a missing value is something that it can handle.
  var acceptsMissing: Bool { get }

  /// One score for each question of `windowLength * featureCount` numbers; nil, or one that is not
  /// finite, is no opinion.
  ///
  /// - Throws: a `Fault` when no scores can be had; transient when another attempt may bring some.
  func scores(of questions: [ScoreQuestion], _ context: JobContext) async throws -> [Double?]
}

/// What a scorer is asked about one series.
struct ScoreQuestion: Sendable {
  var symbol: Symbol
  /// When the newest candle opened.
  var time: Instant
  /// The numbers that the score is made from, the oldest row first.
  var numbers: [Double]
}

/// Where an infer job gets its scorer at each run.
protocol ScorerSource: Sendable {
  /// The scorer to use now.
  ///
  /// - Parameters:
  ///   - rows: the rows that it will be asked about, and those before them.
  ///   - context: the run.
  /// - Throws: a `Fault` when there is none.
  func scorer(for rows: FeatureWindows, _ context: JobContext) async throws -> ChosenScorer

  /// What it is, in words, without using it: for a check before anything runs.
  ///
  /// - Throws: a `Fault` when there is none, or it reads features that the rows do not have.
  func examined(for rows: FeatureWindows) throws(Fault) -> String
}

/// A scorer, and why it is not the one that was wished for.
struct ChosenScorer: Sendable {
  var scorer: any Scorer
  var caveat: String?
}

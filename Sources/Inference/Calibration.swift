import Domain

/// What a model's file says that its scores are, beyond their order.
///
/// No objective says it by itself: what a logistic function returns lies between 0 and 1, and may be far
/// from how often it comes true. So whoever trained the model has to have calibrated it, and to say so.
public enum Calibration: String, CaseIterable, Sendable {
  /// Of all rows with this score, so large a part comes true.
  case probability

  /// Reads the word of a file; nil for anything else.
  init?(word: String) { self.init(rawValue: word) }

  /// What is wrong with another word.
  static let mistake = "'calibrated' can only be 'probability'"
}

extension ModelDocument {
  /// The word of a JSON file.
  func calibration() throws(Fault) -> Calibration {
    guard let word = Calibration(word: try string()) else { throw fault(Calibration.mistake) }
    return word
  }
}

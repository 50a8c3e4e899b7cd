import ArgumentParser
import Service

/// The reason that a person gives for what is asked.
enum SpokenReason {
  /// Checks it: some text, not too long, on one line.
  static func check(_ reason: String?) throws {
    guard let reason else { return }
    guard reason.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("--reason is empty; say why, in a few words")
    }
    guard reason.count <= OperatorRequest.longestReasonCharacters,
      !reason.contains(where: \.isNewline)
    else {
      throw ValidationError(
        "--reason is one line of at most \(OperatorRequest.longestReasonCharacters) characters")
    }
  }
}

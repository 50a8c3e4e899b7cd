import ArgumentParser
import Service

/// The reason that a person gives for what is asked.
enum SpokenReason {
  /// A reason from whatever was said, on one line and short enough: what must work at once does not
  /// argue about words. Nil when nothing was said.
  static func shortened(_ said: [String]) -> String? {
    let words = said.joined(separator: " ").split(whereSeparator: \.isWhitespace)
    guard !words.isEmpty else { return nil }
    return String(
      words.joined(separator: " ").prefix(OperatorRequest.longestReasonCharacters))
  }

  /// Checks the reason of a flag that needs one, and is the only thing that it is for.
  ///
  /// - Parameter whatItTells: what is to be said, for who has said nothing.
  static func check(_ reason: String?, of flag: String, isSet: Bool, whatItTells: String) throws {
    guard isSet else {
      if reason != nil { throw ValidationError("--reason is for \(flag)") }
      return
    }
    guard let reason else { throw ValidationError("\(flag) needs --reason: \(whatItTells)") }
    try check(reason)
  }

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

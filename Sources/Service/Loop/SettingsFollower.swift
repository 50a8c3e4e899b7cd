import Domain

/// Decides what to tell of a settings file that is seen to change. Settings are read once: an edit needs
/// a restart, which one with a mistake would not survive.
struct SettingsFollower {
  /// What to tell.
  enum Answer: Hashable {
    /// It says something else, and is valid.
    case changed
    /// It could not be read at the next start, and why.
    case broken(String)
    /// It says again what was read of it.
    case asRead
  }

  /// The path of the file.
  let path: String
  private let text: String
  private let mistakes: @Sendable (String) -> String?
  private var told = Answer.asRead

  /// A follower of what was read at the start.
  ///
  /// - Parameter mistakes: what is wrong with a text; nil when nothing is.
  init(path: String, text: String, mistakes: @escaping @Sendable (String) -> String?) {
    (self.path, self.text, self.mistakes) = (path, text, mistakes)
  }

  /// Something was seen. Returns what to tell; nil when that is told already.
  mutating func see(_ sight: Result<String, Fault>) -> Answer? {
    let answer: Answer
    switch sight {
    case .failure(let fault): answer = .broken(fault.description)
    case .success(text): answer = .asRead
    case .success(let text): answer = mistakes(text).map { .broken($0) } ?? .changed
    }
    guard answer != told else { return nil }
    told = answer
    return answer
  }
}

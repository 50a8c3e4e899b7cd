/// This program's version.
enum Version {
  /// The version, as https://semver.org has it.
  static let text = "0.1.0"
}

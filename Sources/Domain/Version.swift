/// This program's version.
public enum Version {
  /// The version, as https://semver.org has it.
  public static let text = "0.1.0"
}

public import Domain

/// Which accounts the environment arms: a second key beside `mode: live`, which a copied file does not
/// bring along.
public enum LiveArming {
  /// `CARILLON_LIVE_ARMED=main`, or several with commas between.
  public static let variable = "CARILLON_LIVE_ARMED"

  /// The accounts that are armed.
  ///
  /// - Throws: exit 78 for a name that is no live account: a slip of the pen arms nothing silently.
  public static func accounts(
    in environment: [String: String], _ settings: Settings
  ) throws(Fault) -> Set<String> {
    let names = (environment[variable] ?? "").split(separator: ",").map { name in
      String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }.filter { !$0.isEmpty }
    let live = settings.accounts.filter(\.value.isLive).keys.sorted()
    for name in names where !live.contains(name) {
      let near = Spelling.nearest(name, among: live).map { "did you mean `\($0)`?" }
      throw Fault(
        "arm", "account \(name)",
        cause: settings.accounts[name] == nil
          ? "\(settings.source) names no such account" : "it is not in `mode: live`",
        remedy: near ?? "leave it out of \(variable)", exit: .configuration)
    }
    return Set(names)
  }
}

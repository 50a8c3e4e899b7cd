import Glibc

/// The environment of the programs that jobs run: Carillon's own without what is meant for Carillon.
///
/// Every name that begins with `CARILLON_` stays out, because settings may stand there, secrets and
/// the files that hold them among them. What a program needs of those, its job names.
enum ProcessEnvironment {
  /// The prefix of Carillon's own variables.
  static let prefix = "CARILLON_"

  /// The variables of this process that a program may see.
  static var inherited: [String: String] {
    var values: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text)
      if let equals = pair.firstIndex(of: "="), !pair.hasPrefix(prefix) {
        values[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
      }
      entry += 1
    }
    return values
  }
}

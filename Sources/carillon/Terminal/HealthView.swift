import Domain
import Service

/// A health report for people: what is wrong first, what is well in one line, what to do last.
struct HealthView {
  /// The lines.
  let lines: [String]

  init(_ report: HealthReport) {
    self.init(
      checks: report.checks.map { ($0.status.rawValue, $0.name, $0.text, $0.next) })
  }

  private init(checks: [(status: String, name: String, text: String, next: String?)]) {
    var lines: [String] = []
    let bad = ["fail", "warn"].flatMap { status in checks.filter { $0.status == status } }
    let width = bad.map(\.name.count).max() ?? 0
    for check in bad {
      let padding = String(repeating: " ", count: width - check.name.count)
      lines.append("\(check.status)  \(check.name)\(padding)  \(check.text)")
    }
    let well = checks.filter { $0.status == "pass" }.map(\.name)
    if !well.isEmpty { lines.append("pass  " + well.joined(separator: " ")) }
    var seen: Set<String> = []
    for next in bad.compactMap(\.next) where seen.insert(next).inserted {
      lines.append("next: \(next)")
    }
    self.lines = lines
  }

  /// The lines of a server's answer; the answer itself when it is no report of ours.
  static func lines(ofAnswer text: String, status: Int) -> [String] {
    let value: JSONValue
    do { value = try JSONValue.parse(Array(text.utf8)) } catch {
      return ["fail  server  it answered \(status), and no health report"]
    }
    guard let groups = value["checks"]?.object else {
      return ["fail  server  it answered \(status), and no health report"]
    }
    let checks = groups.flatMap { $0.value.array ?? [] }.map { check in
      (
        check["status"]?.string ?? "fail", check["componentId"]?.string ?? "?",
        check["output"]?.string ?? "", check["next"]?.string
      )
    }
    return HealthView(checks: checks).lines
  }
}

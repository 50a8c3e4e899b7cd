import Domain
import Service

/// A health report for people: what is wrong first, what is well in one line, what to do last.
struct HealthView {
  /// The lines.
  let lines: [String]

  init(_ report: HealthReport, _ clock: Clock, on screen: Screen = Screen(.output)) {
    self.init(
      checks: report.checks.map { ($0.status.rawValue, $0.name, $0.text, $0.next) }, clock, screen)
  }

  private init(
    checks: [(status: String, name: String, text: String, next: String?)], _ clock: Clock,
    _ screen: Screen
  ) {
    var lines: [String] = []
    let bad = ["fail", "warn"].flatMap { status in checks.filter { $0.status == status } }
    let width = bad.map(\.name.count).max() ?? 0
    for check in bad {
      let padding = String(repeating: " ", count: width - check.name.count)
      let text = clock.localised(check.text)
      let wrapped = screen.wrapped(
        "\(check.status)  \(check.name)\(padding)  \(text)", indent: width + 8)
      // The word is coloured after the lines are broken: its codes take no room.
      lines.append(
        screen.paint(state: check.status) + wrapped[0].dropFirst(check.status.count))
      lines += wrapped.dropFirst()
    }
    let well = checks.filter { $0.status == "pass" }.map(\.name)
    if !well.isEmpty {
      let wrapped = screen.wrapped("pass  " + well.joined(separator: " "), indent: 6)
      lines.append(screen.paint(state: "pass") + wrapped[0].dropFirst(4))
      lines += wrapped.dropFirst()
    }
    var seen: Set<String> = []
    for next in bad.compactMap(\.next) where seen.insert(next).inserted {
      lines.append("next: \(CommandHint.own.completed(next))")
    }
    self.lines = lines
  }

  /// The lines of a server's answer; the answer itself when it is no report of ours.
  static func lines(ofAnswer text: String, status: Int, _ clock: Clock) -> [String] {
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
    return HealthView(checks: checks, clock, Screen(.output)).lines
  }
}

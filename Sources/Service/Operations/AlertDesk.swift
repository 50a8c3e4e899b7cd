public import Domain
public import Store

/// What people do about alerts, on the command line and on the pages alike.
public enum AlertDesk {
  /// Takes note of an alert: it is shown, and not told again.
  public static func acknowledge(
    _ key: String, by person: String, _ transaction: WriteTransaction
  ) throws -> OperatorAnswer {
    guard let record = try transaction.alerts.open(key) else {
      let open = try transaction.alerts.open().map(\.key)
      let near = Spelling.nearest(key, among: open).map { "; did you mean `\($0)`?" }
      return OperatorAnswer(
        .refused,
        "no alert `\(Alert.line(key))` is open" + (near ?? "")
          + (near == nil && !open.isEmpty ? "; open are " + open.joined(separator: ", ") : ""))
    }
    guard record.state == .open else {
      let by = record.acknowledged.map { " by \($0.by) at \($0.time)" } ?? ""
      return OperatorAnswer(.nothingToDo, "\(key) is acknowledged already\(by)")
    }
    _ = try transaction.alerts.acknowledge(key, by: person)
    return OperatorAnswer(.done, "\(key) is acknowledged: it is not told again until it is over")
  }

  /// Lets nothing be told of a key, or of all, for a while.
  ///
  /// - Parameter span: how long; zero ends the silence.
  public static func silence(
    _ key: String, for span: TimeSpan, because reason: String, by person: String,
    _ transaction: WriteTransaction
  ) throws -> OperatorAnswer {
    let all = SilenceTable<WriteTransaction>.all
    guard key == all || isKey(key) else {
      return OperatorAnswer(
        .refused,
        "`\(Alert.line(key))` is no key of an alert: `\(all)`, or as `carillon alerts` shows them, "
          + "like job-failed:fetch or \(AlertKind.halt.rawValue)")
    }
    guard span <= SilenceTable<WriteTransaction>.longest else {
      return OperatorAnswer(
        .refused, "a silence lasts \(SilenceTable<WriteTransaction>.longest) at most")
    }
    let until = transaction.now + span
    try transaction.silences.set(key, until: until, reason: reason, by: person)
    return span > .zero
      ? OperatorAnswer(.done, "nothing is told of \(key) until \(until); it is shown all the same")
      : OperatorAnswer(.done, "\(key) is told again")
  }

  /// Whether a text begins with a kind of alert, and has a subject of a bearable length.
  private static func isKey(_ text: String) -> Bool {
    let parts = text.split(separator: ":", maxSplits: 1)
    return text.count <= 200 && Alert.line(text) == text
      && parts.first.map { AlertKind(rawValue: String($0)) != nil } ?? false
  }
}

import Dashboard
import Domain
import Store

/// What people are told of.
enum AlertsPage {
  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    let count = query.number("n", in: 1...500, standard: 50)
    let answer = try source.store.read { try AlertAnswer($0, ended: count, now: source.now) }
    let open = answer.alerts.filter { $0.state != .closed }
    var over = DataTable(
      "The newest that are over",
      ["Alert", "Severity", .number("Times"), "Since", "Until", "What"],
      empty: "nothing yet")
    for record in answer.alerts where record.state == .closed {
      over.add(
        HTML(escaping: record.key), record.alert.severity.shown, "\(record.count)",
        query.clock.shown(record.since), record.closed.map(query.clock.shown) ?? "",
        "<span class=\"wrap\">\(record.alert.text)</span>")
    }
    let cards = open.map { card($0, source, query) }.joined
    let none: HTML? = open.isEmpty ? "<p>\(Standing.good.shown("Nothing is wrong"))</p>" : nil
    var silences = DataTable("Not told for a while", ["Alert", "Until", "Why"])
    for silence in answer.silences {
      silences.add(
        HTML(escaping: silence.key), query.clock.shown(silence.until),
        "<span class=\"wrap\">\(silence.reason)</span>")
    }
    let shown: HTML? = answer.silences.isEmpty ? nil : silences.html
    return """
      <h2>Open</h2>\(none)\(cards)\(shown)\(over.html)\
      \(ActionForms.silence(source, query))
      """
  }

  private static func card(
    _ record: AlertRecord, _ source: PageSource, _ query: PageQuery
  ) -> HTML {
    var facts = Facts()
    facts.add("Severity", record.alert.severity.shown)
    facts.add("State", HTML(escaping: record.state.rawValue))
    facts.add("Since", query.clock.shown(record.since))
    facts.add("Last seen", query.clock.shown(record.last))
    facts.add("Times", "\(record.count)")
    if let note = record.acknowledged { facts.add("Acknowledged by", note.by) }
    let remedy: HTML? = record.alert.remedy.map { "<p>Next: <code>\($0)</code></p>" }
    return """
      <section><h3 class="wrap">\(record.alert.kind.title): \(record.key)</h3>\
      <p class="wrap">\(record.alert.text)</p>\(facts.html)\(remedy)\
      \(ActionForms.alert(record, source, query))</section>
      """
  }
}

extension FailureResponse.Severity {
  var standing: Standing {
    switch self {
    case .info: .quiet
    case .warning: .warning
    case .critical: .bad
    }
  }

  var shown: HTML { standing.shown(rawValue) }
}
